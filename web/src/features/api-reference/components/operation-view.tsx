import { Anchor, Code, Text, Title } from '@mantine/core';
import { IconHash } from '@tabler/icons-react';
import { Link } from 'react-router';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { curlOf, variablesIn } from '../curl.ts';
import type { Operation, Parameter } from '../reference.ts';
import { InlineText } from './inline-text.tsx';
import { MethodBadge } from './method-badge.tsx';
import classes from './operation.module.css';
import { OperationAccess } from './operation-access.tsx';
import { OperationAnswers } from './operation-answers.tsx';
import { FieldList, ShapeView } from './shape-view.tsx';

const placeNames: Record<Parameter['in'], string> = {
  path: 'In the path',
  query: 'In the query',
  header: 'Headers',
  cookie: 'Cookies',
};
const places = ['path', 'query', 'header', 'cookie'] as const;

function Parameters({ parameters }: { parameters: Parameter[] }) {
  return places.map((place) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    return (
      here.length > 0 && (
        <section key={place}>
          <h3 className={classes.part}>{placeNames[place]}</h3>
          <FieldList fields={here} />
        </section>
      )
    );
  });
}

type ExampleProps = { operation: Operation; model: string | undefined };

/** An example request with curl, at this tenant's own address. */
function Example({ operation, model }: ExampleProps) {
  const curl = curlOf(operation, { origin: window.location.origin, model });
  if (curl === null) return null;
  const variables = variablesIn(curl);
  return (
    <div className={classes.example}>
      <h3 className={classes.part}>Example</h3>
      <CodeBlock value={curl} label={`Request: ${operation.title}`} />
      {variables.length > 0 && (
        <Text size="xs" c="dimmed" mt={6} component="div">
          Set{' '}
          {variables.map((name, index) => (
            <span key={name}>
              {index > 0 && ', '}
              <Code>{name}</Code>
            </span>
          ))}{' '}
          first.
        </Text>
      )}
    </div>
  );
}

/** One operation: its description, parameters, body, responses, and an example request. */
export function OperationView({ operation, model }: ExampleProps) {
  const { id, method, path, title, text, access, parameters, body, answers } = operation;
  return (
    <article className={classes.operation} aria-labelledby={id}>
      <div className={classes.about}>
        <Title order={2} id={id} tabIndex={-1} className={classes.title}>
          {title}
          <Anchor
            component={Link}
            to={`#${id}`}
            className={classes.permalink}
            aria-label={`Link to: ${title}`}
          >
            <IconHash size={16} stroke={1.8} aria-hidden />
          </Anchor>
        </Title>
        <div className={classes.address}>
          <MethodBadge method={method} />
          <code>{path}</code>
        </div>
        {text.map((paragraph) => (
          <p key={paragraph} className={classes.paragraph}>
            <InlineText>{paragraph}</InlineText>
          </p>
        ))}
        <OperationAccess access={access} />
      </div>
      <Example operation={operation} model={model} />
      <div className={classes.details}>
        <Parameters parameters={parameters} />
        {body !== null && (
          <section>
            <h3 className={classes.part}>
              Request body <span className={classes.mediaType}>{body.mediaType}</span>
            </h3>
            <ShapeView shape={body.shape} />
          </section>
        )}
        <section>
          <h3 className={classes.part}>Responses</h3>
          <OperationAnswers answers={answers} />
        </section>
      </div>
    </article>
  );
}
