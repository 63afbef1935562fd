import { Anchor, Badge, Text } from '@mantine/core';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import tones from '../../../ui/tones.module.css';
import type { Answer } from '../reference.ts';
import { ErrorCodes } from './error-codes.tsx';
import { InlineText } from './inline-text.tsx';
import classes from './operation.module.css';
import { Disclosure, ShapeView } from './shape-view.tsx';

const toneOf = (status: string) =>
  status.startsWith('4') ? 'warn' : status.startsWith('5') ? 'bad' : 'good';
const isError = (status: string) => /^[45]/.test(status);

/** The responses of an operation by status, with their bodies behind buttons. */
export function OperationAnswers({ answers }: { answers: Answer[] }) {
  return (
    <ul className={classes.answers}>
      {answers.map(({ status, description, bodies, codes }) => (
        <li key={status} className={classes.answer}>
          <Badge ff="monospace" fw={650} className={tones[toneOf(status)] ?? ''}>
            {status}
          </Badge>
          <div className={classes.answerText}>
            <Text size="sm" component="div">
              <InlineText>{description}</InlineText>
              {isError(status) && codes.length === 0 && (
                <>
                  {'. '}
                  <Anchor component={Link} to={`${paths.apiReference}#errors`} inherit underline="always">
                    Error codes
                  </Anchor>
                </>
              )}
            </Text>
            {codes.length > 0 && (
              <Disclosure label={codes.length === 1 ? '1 code' : `${codes.length} codes`} of={`of ${status}`}>
                <ErrorCodes codes={codes} isNarrow />
              </Disclosure>
            )}
            {bodies.map(({ mediaType, shape }) => (
              <Disclosure key={mediaType} label={mediaType} of={`of ${status}`}>
                <ShapeView shape={shape} />
              </Disclosure>
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}
