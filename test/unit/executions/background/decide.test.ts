import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../../contracts/usage.ts';
import {
  ATTEMPTS_KEPT_MAX,
  endUnused,
  mergeAttempts,
} from '../../../../worker/executions/background/decide.ts';

const attempt = (started_at_ms: number): Attempt => ({
  ...{ provider_kind: 'openai', provider_name: 'one', provider_model: 'model', latency_ms: 10 },
  started_at_ms,
  failure: { kind: 'timeout', status: null, retryable: true, retry_after_ms: null, message: '' },
});
const attempts = (...startedMs: number[]) => startedMs.map(attempt);

describe('attempts of two deliveries', () => {
  it('are kept in the order in which they were made, and none is lost', () => {
    expect(mergeAttempts(attempts(1, 5, 9), attempts(3, 7))).toEqual(attempts(1, 3, 5, 7, 9));
    expect(mergeAttempts([], attempts(2))).toEqual(attempts(2));
  });

  it('are limited to what the ledger accepts: the newest are kept', () => {
    const many = Array.from({ length: ATTEMPTS_KEPT_MAX }, (_, index) => attempt(index));
    const merged = mergeAttempts(many, attempts(50, 51));
    expect(merged).toHaveLength(ATTEMPTS_KEPT_MAX);
    expect(merged[0]?.started_at_ms).toBe(2);
    expect(merged.at(-1)?.started_at_ms).toBe(51);
  });
});

describe('an end without an answer', () => {
  it.each(['failed', 'cancelled'] as const)(
    '(%s) charges nothing, and names every attempt and the reason',
    (status) => {
      const { settlement, answer } = endUnused('an-execution', status, 'a_reason')(attempts(1, 2), false);
      expect(answer).toBeNull();
      expect(settlement).toMatchObject({
        charge: 0,
        outcome: { id: 'an-execution', status, error_code: 'a_reason', usage: null, cost_micro_usd: 0 },
      });
      expect(settlement.outcome.attempts).toEqual(attempts(1, 2));
    },
  );

  it('is that of a cancelled execution if its user cancelled it meanwhile', () => {
    const { settlement } = endUnused('an-execution', 'failed', 'provider_failed')(attempts(1), true);
    expect(settlement).toMatchObject({
      charge: 0,
      outcome: { status: 'cancelled', error_code: 'cancelled' },
    });
  });
});
