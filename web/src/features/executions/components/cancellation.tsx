import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { formatTokens } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { cancelExecution } from '../api/executions.ts';

/** Returns what a cancelled execution has cost. One that still runs is being ended. */
function chargeOf({ status, tokens_charged }: Pick<Execution, 'status' | 'tokens_charged'>): string {
  if (status === 'running') return 'It ends in a moment. You are charged for what the provider has used.';
  return tokens_charged === 0
    ? 'Nothing was charged.'
    : `${formatTokens(tokens_charged)} tokens were charged for what the provider had used by then.`;
}

type CancellationProps = { execution: Execution; size?: 'xs' | 'sm' };

/** Cancels a background execution, after a confirmation. */
export function Cancellation({ execution, size = 'sm' }: CancellationProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="default" size={size} onClick={() => setAsking(true)}>
        Cancel it
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Cancel this execution?"
          action="Cancel the execution"
          isGrave
          mutation={cancelExecution(execution.id)}
          onClose={() => setAsking(false)}
          onDone={(cancelled) => {
            setAsking(false);
            notify({ color: 'brand', title: 'Cancelled', message: chargeOf(cancelled) });
          }}
        >
          You are charged for what the provider has used by then, and the rest of the held tokens returns to
          your wallet. An answer that still arrives is discarded.
        </ConfirmDialog>
      )}
    </>
  );
}
