import { Anchor, Button, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { OPENAPI_PATH } from '../api/api-reference.ts';
import { headerOf } from '../curl.ts';
import type { Reference, Section } from '../reference.ts';
import { schemeName } from '../sentences.ts';
import { ErrorCodes } from './error-codes.tsx';
import { InlineText } from './inline-text.tsx';
import classes from './overview.module.css';

function BaseUrls() {
  const { origin } = window.location;
  const rows = [
    { label: 'OpenAI SDKs', value: `${origin}/v1` },
    { label: 'Anthropic SDKs', value: origin },
    { label: 'Everything else', value: `${origin}/api` },
  ];
  return (
    <Paper withBorder component="dl" className={classes.rows}>
      {rows.map(({ label, value }) => (
        <div key={label} className={classes.row}>
          <dt>{label}</dt>
          <dd>
            <Copyable value={value} label={`Copy the base URL for ${label}`} />
          </dd>
        </div>
      ))}
    </Paper>
  );
}

function Authentication({ schemes }: Pick<Reference, 'schemes'>) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {schemes.map((way) => {
        const header = headerOf(way);
        return (
          <Paper key={way.name} withBorder p="md">
            <Text fw={600} size="sm">
              {schemeName(way.name)}
            </Text>
            <Text size="sm" c="dimmed" mt={2} mb="sm" component="div">
              <InlineText>{way.scheme.description ?? ''}</InlineText>
            </Text>
            {header !== null && <CodeBlock value={header} label={`Header of the ${schemeName(way.name)}`} />}
          </Paper>
        );
      })}
    </SimpleGrid>
  );
}

function Groups({ sections }: { sections: Section[] }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
      {sections.map(({ slug, title, description, operations }) => (
        <Paper key={slug} withBorder p="md" className={classes.card}>
          <Anchor
            component={Link}
            to={paths.apiReferenceSection(slug)}
            fw={600}
            size="sm"
            className={classes.cardLink}
          >
            {title}
          </Anchor>
          <Text size="sm" c="dimmed" mt={2}>
            {description}
          </Text>
          <Text size="xs" c="dimmed" mt="xs" className="figure">
            {operations.length} {operations.length === 1 ? 'operation' : 'operations'}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

type PartProps = { id: string; title: string; text?: string; children: ReactNode };

const Part = ({ id, title, text, children }: PartProps) => (
  <section aria-labelledby={id}>
    <Title order={2} id={id} tabIndex={-1} mb={text === undefined ? 'sm' : 4} className={classes.title}>
      {title}
    </Title>
    {text !== undefined && (
      <Text size="sm" c="dimmed" mb="sm" maw="68ch" component="div">
        <InlineText>{text}</InlineText>
      </Text>
    )}
    {children}
  </section>
);

/** The overview: base URLs, authentication, groups of operations, and error codes. */
export function Overview({ reference }: { reference: Reference }) {
  const { description, schemes, sections, errors } = reference;
  return (
    <>
      <PageHeader
        title="API reference"
        actions={
          <Button
            component="a"
            href={OPENAPI_PATH}
            download="openapi.json"
            variant="default"
            leftSection={<IconDownload size={17} aria-hidden />}
          >
            Download openapi.json
          </Button>
        }
      >
        <Text inherit maw="68ch" component="div">
          <InlineText>{description}</InlineText>
        </Text>
      </PageHeader>
      <Stack gap="xl">
        <Part id="base-urls" title="Base URLs" text="The official SDKs need this address and a key.">
          <BaseUrls />
        </Part>
        <Part id="authentication" title="Authentication" text="Each operation lists the methods it accepts.">
          <Authentication schemes={schemes} />
        </Part>
        <Part id="operations" title="Operations">
          <Groups sections={sections} />
        </Part>
        {errors.length > 0 && (
          <Part id="errors" title="Errors" text="Every error code, with its status and the action to take.">
            <Paper withBorder>
              <ErrorCodes codes={errors.flatMap(({ codes }) => codes)} />
            </Paper>
          </Part>
        )}
      </Stack>
    </>
  );
}
