import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../../contracts/usage.ts';
import { turnOf } from '../../../../worker/executions/background/turn.ts';

const NOW = 1_800_000_000_000;

const named = (id: string, provider_model = 'model') => ({ provider: { id }, provider_model });
type Named = ReturnType<typeof named>;
const [first, second, third] = [named('first'), named('second'), named('third')];

/** Returns an attempt that ran for a second and failed `ended_ms` ago, with the Retry-After that it got. */
const failed = (
  { provider, provider_model }: Named,
  ended_ms: number,
  retry_after_ms: number | null = null,
): Attempt => ({
  provider_id: provider.id,
  provider_kind: 'openai',
  provider_name: 'All of one name',
  provider_model,
  started_at_ms: NOW - ended_ms - 1_000,
  latency_ms: 1_000,
  failure: { kind: 'overloaded', status: 503, retryable: true, retry_after_ms, message: '' },
});

const turn = (candidate: Named, wait_ms = 0) => ({ candidate, wait_ms });

describe('the next candidate in the background is', () => {
  it.each<[string, [Named, ...Named[]], Attempt[], object]>([
    ['the first candidate, before anybody was asked', [first, second], [], turn(first)],
    ['the next one, after a failure', [first, second, third], [failed(first, 10)], turn(second)],
    [
      'the first again, after the last',
      [first, second],
      [failed(first, 9_000), failed(second, 10)],
      turn(first),
    ],
    ['the only one, again and again', [first], [failed(first, 9_000), failed(first, 10)], turn(first)],
    [
      'the next one at once, even if the one before sent a Retry-After',
      [first, second],
      [failed(first, 10, 60_000)],
      turn(second),
    ],
    [
      'the one after it, if the next sent a Retry-After',
      [first, second],
      [failed(first, 5_000, 60_000), failed(second, 10)],
      turn(second),
    ],
    [
      'the one that is ready soonest, after its Retry-After, if all sent one',
      [first, second, third],
      [failed(first, 3_000, 60_000), failed(second, 2_000, 9_000), failed(third, 1_000, 30_000)],
      turn(second, 7_000),
    ],
    [
      'the next in turn, of those that are ready at the same time',
      [first, second],
      [failed(first, 1_000, 5_000), failed(second, 1_000, 5_000), failed(first, 1_000, 5_000)],
      turn(second, 4_000),
    ],
    ['the only one, if its Retry-After is over', [first], [failed(first, 5_000, 5_000)], turn(first)],
    ['the only one, a millisecond too soon', [first], [failed(first, 4_999, 5_000)], turn(first, 1)],
    [
      'waited for at most five minutes, even if its Retry-After is longer',
      [first],
      [failed(first, 10_000, 86_400_000)],
      turn(first, 290_000),
    ],
    [
      'decided by the newest attempt: an older Retry-After no longer applies',
      [first],
      [failed(first, 20_000, 60_000), failed(first, 10)],
      turn(first),
    ],
    [
      'decided per model: another model of the same provider is not delayed',
      [named('one', 'small'), named('one', 'large')],
      [failed(named('one', 'small'), 2_000, 60_000), failed(named('one', 'small'), 1_000, 60_000)],
      turn(named('one', 'large')),
    ],
    [
      'the first of a changed catalog: a removed candidate is not called',
      [third],
      [failed(first, 9_000, 60_000), failed(second, 10, 60_000)],
      turn(third),
    ],
  ])('%s', (_, candidates, attempts, expected) => {
    expect(turnOf(candidates, attempts, NOW)).toEqual(expected);
  });
});
