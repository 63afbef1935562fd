import { ActionIcon, Badge, Tooltip } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatDuration } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { CopyIcon } from '../../../ui/copyable.tsx';
import tones from '../../../ui/tones.module.css';
import classes from './playground.module.css';

/** The number of provider calls, or where the answer came from without one. */
function Source({ execution: { attempts, response_cache } }: { execution: Execution }) {
  if (response_cache !== null) return <span>Kept answer</span>;
  if (attempts.length <= 1) return <span>1 attempt</span>;
  return (
    <Badge size="sm" className={tones.info}>
      {attempts.length} attempts
    </Badge>
  );
}

/** The charge, provider and duration of an answer. */
export function AnswerFacts({ execution }: { execution: Execution }) {
  const { simulated_providers } = useTenant();
  const currency = useCurrency();
  const { attempts, provider, tokens_charged, finish_reason } = execution;
  const answering = attempts.at(-1);
  return (
    <div className={classes.facts}>
      <span className={`${classes.charge} figure`}>{formatAmount(tokens_charged, currency)}</span>
      {provider !== null && (
        <span>
          {provider.name} · {provider.model}
        </span>
      )}
      {answering !== undefined && <span className="figure">{formatDuration(answering.latency_ms)}</span>}
      <Source execution={execution} />
      {finish_reason === 'length' && (
        <Badge size="sm" className={tones.warn}>
          Cut off at the output limit
        </Badge>
      )}
      {answering !== undefined && simulated_providers.includes(answering.provider_kind) && (
        <Tooltip label="Answered by a local simulator, not by the provider">
          <Badge size="sm" className={tones.warn}>
            Simulated
          </Badge>
        </Tooltip>
      )}
      <span className={classes.actions}>
        <CopyIcon value={execution.output_text ?? ''} label="Copy the answer" />
        <Tooltip label="Open the execution">
          <ActionIcon component={Link} to={paths.execution(execution.id)} aria-label="Open the execution">
            <IconExternalLink size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </span>
    </div>
  );
}
