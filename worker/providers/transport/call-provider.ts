import type { ProviderFailure, ProviderResult, ProviderTarget } from '../provider.ts';
import { cancelled, timedOut } from './failure.ts';
import { redactFailure } from './redact-message.ts';

/** How one provider speaks: its SDK's call, and the two pure readings of how that call ended. */
type Dialect = {
  call: (signal: AbortSignal) => Promise<unknown>;
  readAnswer: (body: unknown) => ProviderResult;
  readError: (error: unknown, now_ms: number) => ProviderFailure;
};

type CallEnd =
  | { is: 'answer'; body: unknown }
  | { is: 'error'; error: unknown }
  | { is: 'timeout' | 'cancelled' };

/**
 * Runs one call until it ends, its time is over, or the caller cancels, whichever comes first. It does not rely on the
 * SDK noticing an abort: one of them ignores a signal that is already aborted, and all of them a stalled body.
 */
async function endOf(call: Dialect['call'], timeout_ms: number, callerSignal: AbortSignal): Promise<CallEnd> {
  if (callerSignal.aborted) return { is: 'cancelled' };
  const controller = new AbortController();
  const stopped = Promise.withResolvers<CallEnd>();
  const stop = (is: 'timeout' | 'cancelled') => {
    stopped.resolve({ is });
    controller.abort();
  };
  const onCancel = () => stop('cancelled');
  const timer = setTimeout(() => stop('timeout'), timeout_ms);
  callerSignal.addEventListener('abort', onCancel, { once: true });
  try {
    const ended = call(controller.signal).then(
      (body): CallEnd => ({ is: 'answer', body }),
      (error: unknown): CallEnd => ({ is: 'error', error }),
    );
    return await Promise.race([stopped.promise, ended]);
  } finally {
    clearTimeout(timer);
    callerSignal.removeEventListener('abort', onCancel);
  }
}

function resultOf(end: CallEnd, dialect: Dialect, timeout_ms: number): ProviderResult {
  switch (end.is) {
    case 'answer':
      return dialect.readAnswer(end.body);
    case 'error':
      return { ok: false, failure: dialect.readError(end.error, Date.now()) };
    case 'timeout':
      return { ok: false, failure: timedOut(timeout_ms) };
    case 'cancelled':
      return { ok: false, failure: cancelled };
  }
}

/** One call to one provider: bounded in time, a failure as a value, and no key in its message. */
export async function callProvider(
  target: ProviderTarget,
  callerSignal: AbortSignal,
  dialect: Dialect,
): Promise<ProviderResult> {
  const result = resultOf(
    await endOf(dialect.call, target.timeout_ms, callerSignal),
    dialect,
    target.timeout_ms,
  );
  return result.ok ? result : { ok: false, failure: redactFailure(result.failure, target.api_key) };
}
