import type { ProviderFailure, StreamPatience } from '../provider.ts';
import type { AdapterTarget, CredentialFields } from '../provider-kind.ts';
import { cancelled, cutOff, redactFailure } from './failure.ts';
import { bounded } from './guarded-fetch.ts';
import { Watch } from './watch.ts';

/** The value of an answer, or the failure of its call. */
export type Asked<Value> = { ok: true; value: Value } | { ok: false; failure: ProviderFailure };

type WholeCall<Value> = {
  /** Makes the call. Resolves when the headers have arrived, and rejects for an error status. */
  open: (signal: AbortSignal) => Promise<Response>;
  /** Reads the error that `open` rejected with. */
  readError: (error: unknown, now_ms: number) => ProviderFailure;
  /** Reads the body. */
  read: (body: Response) => Promise<Asked<Value>>;
};

/**
 * One call to one provider that answers in one piece, such as for embeddings: bounded in time and in size, with failures as values and
 * without credentials in their messages. The whole answer counts as its first event.
 */
export async function askWhole<Value>(
  {
    timeout_ms,
    credential,
    settings,
  }: Pick<AdapterTarget<CredentialFields>, 'timeout_ms' | 'credential' | 'settings'>,
  callerSignal: AbortSignal,
  patience: StreamPatience,
  { open, readError, read }: WholeCall<Value>,
): Promise<Asked<Value>> {
  if (callerSignal.aborted) return { ok: false, failure: cancelled };
  const watch = new Watch(timeout_ms, patience, callerSignal);
  const failed = (failure: ProviderFailure): Asked<Value> => {
    watch.abort();
    return { ok: false, failure: redactFailure(failure, credential, settings.extra_headers) };
  };
  const opening = open(watch.signal);
  const opened = await watch.wait(opening, null);
  if (opened.is !== 'value') {
    // A response that arrives too late is not read, and must not stay open.
    opening.then((response) => response.body?.cancel()).catch(() => {});
    return failed(opened.is === 'stopped' ? opened.failure : readError(opened.error, Date.now()));
  }
  const answer = await watch.wait(read(bounded(opened.value)), null);
  if (answer.is !== 'value') return failed(answer.is === 'stopped' ? answer.failure : cutOff(answer.error));
  if (!answer.value.ok) return failed(answer.value.failure);
  watch.end();
  return answer.value;
}
