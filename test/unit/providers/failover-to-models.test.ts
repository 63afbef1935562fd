import { describe, expect, it } from 'vitest';
import { CLOSED } from '../../../worker/providers/failover/breaker.ts';
import { type FailoverSituation, nextStep } from '../../../worker/providers/failover/failover.ts';
import type { ProviderFailure } from '../../../worker/providers/provider.ts';

/** Failover between the models of one request: the first has three candidates, the second two, the third one. */

const NOW = 1_000_000;
const models = ['first', 'first', 'first', 'second', 'second', 'third'];

const failed = (kind: ProviderFailure['kind'], retryable: boolean): ProviderFailure => ({
  ...{ kind, retryable, retry_after_ms: null, status: null, message: '' },
});
const overloaded = failed('overloaded', true);
const refused = failed('invalid_request', false);

const step = (
  attempted: number[],
  last_failure: ProviderFailure | null,
  more: Partial<FailoverSituation> = {},
) =>
  nextStep({
    breakers: models.map(() => CLOSED),
    models,
    context_windows_tokens: models.map(() => 100_000),
    attempted,
    last_failure,
    attempt_timeouts_ms: models.map(() => 20_000),
    deadline_ms: NOW + 60_000,
    now_ms: NOW,
    ...more,
  });

const attempt = (candidate: number) => ({ do: 'attempt', candidate, timeout_ms: 20_000 });
const giveUp = (reason: string) => ({ do: 'give_up', reason });

describe('a request with further models', () => {
  it.each<[string, number[], ProviderFailure, object]>([
    ['asks all of the first model first', [0], overloaded, attempt(1)],
    ['then the second', [0, 1, 2], overloaded, attempt(3)],
    ['leaves an attempt to each further model', [0, 1, 2, 3], overloaded, attempt(5)],
    ['leaves a model that refused the request', [0], refused, attempt(3)],
    ['asks the last after the second refused too', [0, 3], refused, attempt(5)],
    ['does not come back to a model that it left', [0, 3, 4], overloaded, attempt(5)],
    ['stops when the last refuses', [0, 3, 5], refused, giveUp('not_retryable')],
    [
      'stops after three attempts and one for each further model',
      [0, 1, 2, 3, 5],
      overloaded,
      giveUp('attempts_exhausted'),
    ],
  ])('%s', (_, attempted, last_failure, expected) => {
    expect(step(attempted, last_failure)).toEqual(expected);
  });

  it('goes to a model with a larger context window when the prompt was too long', () => {
    const context_windows_tokens = [10, 10, 10, 10, 20, 30];
    expect(step([0], failed('context_length', true), { context_windows_tokens })).toEqual(attempt(4));
  });
});
