import { ActionIcon, Badge, Tooltip } from '@mantine/core';
import { IconExternalLink, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatDuration } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { CopyIcon } from '../../../ui/copyable.tsx';
import tones from '../../../ui/tones.module.css';
import type { LocalAnswer } from '../conversation-store.ts';
import classes from './playground.module.css';

type AnswerFactsProps = {
  answer: LocalAnswer;
  /** Gives another answer to the prompt; undefined while one is running. */
  onRegenerate: (() => void) | undefined;
  /** The switch between answers, and what else stands before the figures. */
  children?: ReactNode;
};

/** The charge, provider and duration of an answer, and what can be done with it. */
export function AnswerFacts({ answer, onRegenerate, children }: AnswerFactsProps) {
  const { receipt, execution_id, text, model } = answer;
  const currency = useCurrency();
  return (
    <div className={classes.facts}>
      {children}
      {receipt !== null && (
        <>
          <span className={`${classes.charge} figure`}>{formatAmount(receipt.tokens_charged, currency)}</span>
          <span>
            {receipt.provider === null ? model : `${receipt.provider.name} · ${receipt.provider.model}`}
          </span>
          {receipt.latency_ms !== null && (
            <span className="figure">{formatDuration(receipt.latency_ms)}</span>
          )}
          {receipt.attempts === 0 && <span>Kept answer</span>}
          {receipt.attempts > 1 && <Badge className={tones.info}>{receipt.attempts} attempts</Badge>}
          {receipt.finish_reason === 'length' && (
            <Badge className={tones.warn}>Cut off at the output limit</Badge>
          )}
          {receipt.simulated && (
            <Tooltip label="Answered by a local simulator, not by the provider">
              <Badge className={tones.warn}>Simulated</Badge>
            </Tooltip>
          )}
        </>
      )}
      <span className={classes.actions}>
        {onRegenerate !== undefined && (
          <Tooltip label="Answer again">
            <ActionIcon onClick={onRegenerate} aria-label="Answer again">
              <IconRefresh size={16} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
        {text !== '' && <CopyIcon value={text} label="Copy the answer" />}
        {execution_id !== null && (
          <Tooltip label="Open the execution">
            <ActionIcon component={Link} to={paths.execution(execution_id)} aria-label="Open the execution">
              <IconExternalLink size={16} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
      </span>
    </div>
  );
}
