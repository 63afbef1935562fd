import { expect, it } from 'vitest';
import { failureOfAttempts } from '../../../worker/executions/failure.ts';
import type { NoAnswer } from '../../../worker/providers/failover/attempts.ts';

const nobody = (reason: NoAnswer<unknown>['reason'], message = 'm'): NoAnswer<unknown> => ({
  ...{ ok: false, reason, attempts: [], cancelled_attempt: null },
  failure: { kind: 'overloaded', retryable: true, retry_after_ms: 5_000, status: 503, message },
});

it.each([
  ['not_retryable', 'provider_rejected', null],
  ['context_too_long', 'context_length_exceeded', null],
  ['cancelled', 'execution_over', null],
  ['candidates_exhausted', 'provider_failed', 5_000],
  ['attempts_exhausted', 'provider_failed', 5_000],
  ['deadline_reached', 'provider_failed', 5_000],
] as const)('%s is told as %s, to be tried again after %s ms', (reason, code, retry_after_ms) => {
  expect(failureOfAttempts('id', nobody(reason))).toMatchObject({ code, retry_after_ms });
});

it('quotes a provider that refused the request, without the name of the account', () => {
  const words = "400 Invalid schema for function 'f' in organization org-AbC123xyz on key [key]";
  expect(failureOfAttempts('id', nobody('not_retryable', words)).message).toBe(
    "The provider refused this request: Invalid schema for function 'f' in organization [account] on key [key]",
  );
});

it('does not quote a provider that failed', () => {
  expect(JSON.stringify(failureOfAttempts('id', nobody('attempts_exhausted', 'its words')))).not.toContain(
    'its words',
  );
});
