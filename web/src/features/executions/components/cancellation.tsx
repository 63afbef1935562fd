import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { postCancellation } from '../api/executions.ts';

type CancellationProps = {
  execution: Execution;
  size?: 'xs' | 'sm';
  onCancelled: () => void;
};

/** Ends what runs in the background, after asking once. */
export function Cancellation({ execution, size = 'sm', onCancelled }: CancellationProps) {
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
          mutation={{ mutationFn: () => postCancellation(execution.id) }}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            onCancelled();
            notify({ color: 'brand', title: 'Cancelled', message: 'Nothing was charged.' });
          }}
        >
          Nothing is charged, and what is held comes back. What a provider still answers is dropped.
        </ConfirmDialog>
      )}
    </>
  );
}
