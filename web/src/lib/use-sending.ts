import { useState } from 'react';
import { ApiError } from './api-client.ts';

/** A change being sent: whether it is on its way, and why it was refused. */
export function useSending() {
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  /** Sends, then hands the answer on. What was refused is kept to be shown. */
  async function send<Value>(call: () => Promise<Value>, onDone: (value: Value) => void): Promise<void> {
    setSending(true);
    setError(null);
    try {
      onDone(await call());
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      setError(caught);
    } finally {
      setSending(false);
    }
  }

  return { send, isSending, error };
}
