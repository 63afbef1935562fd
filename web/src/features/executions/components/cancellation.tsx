import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { cancelExecution } from '../api/executions.ts';

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
          onDone={() => {
            setAsking(false);
            notify({ color: 'brand', title: 'Cancelled', message: 'Nothing was charged.' });
          }}
        >
          You are not charged, and the held tokens return to your wallet. An answer that still arrives is
          discarded.
        </ConfirmDialog>
      )}
    </>
  );
}
