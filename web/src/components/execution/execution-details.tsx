import { Alert, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconGauge } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Execution } from '../../../../contracts/api/executions.ts';
import type { Usage } from '../../../../contracts/usage.ts';
import { formatDuration, formatMicroUsd, formatTime, formatTokens, sentence } from '../../lib/format.ts';
import { AnswerText } from '../answer-text.tsx';
import { Copyable } from '../copyable.tsx';
import list from '../list-card.module.css';
import { Attempts } from './attempts.tsx';

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section">
      <Title order={2} mb="md">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

function Figure({ label, value, hint }: { label: string; value: string; hint: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <Text fz="1.25rem" fw={650} className="figure" lts="-0.01em">
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Paper>
  );
}

const usageRows = [
  ['input_tokens', 'Input'],
  ['cache_read_tokens', 'Input read from cache'],
  ['cache_write_tokens', 'Input written to cache'],
  ['output_tokens', 'Output'],
] as const;

function UsageTable({ usage, source }: { usage: Usage; source: Execution['usage_source'] }) {
  return (
    <>
      <Table className={list.table} verticalSpacing={8} horizontalSpacing={0} aria-label="Usage">
        <Table.Tbody>
          {usageRows.map(([name, label]) => (
            <Table.Tr key={name}>
              <Table.Td>
                {label}
                {name === 'output_tokens' && usage.reasoning_tokens > 0 && (
                  <Text size="xs" c="dimmed">
                    {formatTokens(usage.reasoning_tokens)} of it reasoning
                  </Text>
                )}
              </Table.Td>
              <Table.Td className={list.number}>{formatTokens(usage[name])}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="sm">
        {source === 'estimated'
          ? 'The provider reported no usage: this is our cautious estimate.'
          : 'As reported by the provider, in its tokens.'}
      </Text>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap" mih={30}>
      <Text size="sm" c="dimmed" flex="none">
        {label}
      </Text>
      {children}
    </Group>
  );
}

function Identity({ execution }: { execution: Execution }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing={4}>
      <Fact label="Execution">
        <Copyable value={execution.id} label="Copy the execution's id" />
      </Fact>
      <Fact label="Person">
        <Copyable value={execution.user_id} label="Copy the person's id" />
      </Fact>
      <Fact label="Started">
        <Text size="sm">{formatTime(execution.created_at)}</Text>
      </Fact>
      {execution.finished_at !== null && (
        <Fact label="Finished">
          <Text size="sm">{formatTime(execution.finished_at)}</Text>
        </Fact>
      )}
      {execution.finish_reason !== null && (
        <Fact label="Ended by">
          <Text size="sm">{sentence(execution.finish_reason)}</Text>
        </Fact>
      )}
      {execution.price_version !== null && (
        <Fact label="Price list">
          <Text size="sm">Version {execution.price_version}</Text>
        </Fact>
      )}
    </SimpleGrid>
  );
}

/** The wallet let this run although it could not cover it: only a hard limit refuses. */
function Shortfall({ tokens }: { tokens: number }) {
  return (
    <Alert color="yellow" icon={<IconGauge aria-hidden />} title="More than the balance could cover">
      With a hard limit this would have been refused: {formatTokens(tokens)} tokens short.
    </Alert>
  );
}

/** One execution in full: what it cost, every attempt, and the ids to quote. */
export function ExecutionDetails({ execution }: { execution: Execution }) {
  const { status, usage, attempts, created_at, finished_at, provider } = execution;
  const isRunning = status === 'running';
  const answeredBy = provider === null ? 'No provider answered' : `By ${provider.name}`;
  const took = finished_at === null ? null : Date.parse(finished_at) - Date.parse(created_at);
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <Figure label="Charged" value={formatTokens(execution.tokens_charged)} hint="Wallet tokens" />
        <Figure
          label="Held while running"
          value={formatTokens(execution.tokens_reserved)}
          hint={isRunning ? 'The most it can cost' : 'The rest came back'}
        />
        <Figure
          label="Took"
          value={took === null ? '–' : formatDuration(took)}
          hint={isRunning ? 'Still running' : answeredBy}
        />
        <Figure label="Provider cost" value={formatMicroUsd(execution.cost_micro_usd)} hint="At list price" />
      </SimpleGrid>
      {execution.shortfall !== null && <Shortfall tokens={execution.shortfall} />}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Section title="Attempts">
          {attempts.length === 0 ? (
            <Text size="sm" c="dimmed">
              {isRunning ? 'Listed when the answer is complete.' : 'No provider was asked.'}
            </Text>
          ) : (
            <Attempts attempts={attempts} />
          )}
        </Section>
        <Section title="Usage">
          {usage === null ? (
            <Text size="sm" c="dimmed">
              {isRunning ? 'Known when the answer is complete.' : 'Nothing was used, so nothing was charged.'}
            </Text>
          ) : (
            <UsageTable usage={usage} source={execution.usage_source} />
          )}
        </Section>
      </SimpleGrid>
      {execution.output_text !== null && (
        <Section title="Answer">
          <AnswerText text={execution.output_text} />
        </Section>
      )}
      <Section title="For reference">
        <Identity execution={execution} />
      </Section>
    </Stack>
  );
}
