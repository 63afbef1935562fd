import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { listenForConfirmation } from '../../../lib/api-client.ts';

/** Loaded when it is first needed. */
const ConfirmSessionDialog = lazy(async () => ({
  default: (await import('./confirm-session-dialog.tsx')).ConfirmSessionDialog,
}));

/** Asks people again who they are, when a request needs it. Requests that wait together are answered together. */
export function ConfirmSession() {
  const [isOpen, setOpen] = useState(false);
  const [wasOpened, setOpened] = useState(false);
  const waiting = useRef<((isConfirmed: boolean) => void)[]>([]);

  useEffect(() => {
    listenForConfirmation(
      () =>
        new Promise((resolve) => {
          waiting.current.push(resolve);
          setOpened(true);
          setOpen(true);
        }),
    );
  }, []);

  function answer(isConfirmed: boolean) {
    setOpen(false);
    for (const resolve of waiting.current.splice(0)) resolve(isConfirmed);
  }

  return wasOpened ? (
    <Suspense>
      <ConfirmSessionDialog isOpen={isOpen} onAnswer={answer} />
    </Suspense>
  ) : null;
}
