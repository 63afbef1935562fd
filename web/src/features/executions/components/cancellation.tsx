import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { type Currency, formatAmount, useCurrency } from '../../../lib/currency.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { cancelExecution } from '../api/executions.ts';

/** Returns what a cancelled execution has cost. One that still runs is being ended. */
function chargeOf(
  { status, tokens_charged }: Pick<Execution, 'status' | 'tokens_charged'>,
  currency: Currency,
): string {
  if (status === 'running') return 'It ends in a moment. You are charged for what the provider has used.';
  return tokens_charged === 0
    ? 'Nothing was charged.'
    : `You were charged ${formatAmount(tokens_charged, currency)} for what the provider had used by then.`;
}

type CancellationProps = { execution: Execution; size?: 'xs' | 'sm' };

/** Cancels a background execution, after a confirmation. */
export function Cancellation({ execution, size = 'sm' }: CancellationProps) {
  const [isAsking, setAsking] = useState(false);
  const currency = useCurrency();
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
            notify({ color: 'brand', title: 'Cancelled', message: chargeOf(cancelled, currency) });
          }}
        >
          You are charged for what the provider has used by then, and the rest of what was held returns to
          your wallet. An answer that still arrives is discarded.
        </ConfirmDialog>
      )}
    </>
  );
}
