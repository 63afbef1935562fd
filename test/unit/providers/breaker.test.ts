import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Breaker,
  CLOSED,
  COOLDOWN_MS_MAX,
  FAILURE_WINDOW_MS,
  FAILURES_TO_OPEN,
  FIRST_COOLDOWN_MS,
  isCoolingDown,
  onAnswer,
  onAttempt,
  onFailure,
} from '../../../worker/providers/failover/breaker.ts';
import type { ProviderFailure } from '../../../worker/providers/provider.ts';

const T = 1_000_000;

const failure = (kind: ProviderFailure['kind'], retry_after_ms: number | null = null): ProviderFailure => ({
  kind,
  retryable: true,
  retry_after_ms,
  status: null,
  message: '',
});

/** The breaker after failures at these times, each of an attempt that started just then. */
const afterFailures = (
  times: number[],
  kind: ProviderFailure['kind'] = 'overloaded',
  from: Breaker = CLOSED,
) => times.reduce((breaker, at) => onFailure(breaker, failure(kind), at, at), from);

describe('a closed breaker', () => {
  it('stays closed until failures come in a burst', () => {
    expect(isCoolingDown(afterFailures([T, T + 1]), T + 2)).toBe(false);
    const burst = afterFailures([T, T + 1, T + 2]);
    expect(isCoolingDown(burst, T + 2)).toBe(true);
    expect(isCoolingDown(burst, T + 2 + FIRST_COOLDOWN_MS)).toBe(false);
  });

  it('forgets failures that are too old to be a burst', () => {
    const spread = Array.from({ length: FAILURES_TO_OPEN + 2 }, (_, i) => T + i * FAILURE_WINDOW_MS);
    expect(isCoolingDown(afterFailures(spread), spread.at(-1) ?? T)).toBe(false);
  });

  it('counts from the start again after an answer', () => {
    const answered = onAnswer(afterFailures([T, T + 1]), T + 2);
    expect(answered).toEqual(CLOSED);
    expect(isCoolingDown(afterFailures([T + 3, T + 4], 'overloaded', answered), T + 5)).toBe(false);
  });

  it.each(['overloaded', 'rate_limited', 'timeout', 'network', 'invalid_response', 'truncated'] as const)(
    'opens on a burst of %s',
    (kind) => expect(afterFailures([T, T, T], kind).state).toBe('open'),
  );

  it.each(['invalid_request', 'content_filter'] as const)(
    'takes %s as an answer: the credential works',
    (kind) => expect(afterFailures([T, T, T, T], kind)).toEqual(CLOSED),
  );

  it('opens at once, for the longest time, when the credential is refused', () => {
    expect(afterFailures([T], 'authentication')).toMatchObject({
      state: 'open',
      until_ms: T + COOLDOWN_MS_MAX,
    });
  });

  it.each([
    [17_000, T + 17_000],
    [10 * COOLDOWN_MS_MAX, T + COOLDOWN_MS_MAX],
  ])('opens at once when the provider asks for %i ms, until %i', (retry_after_ms, until_ms) => {
    const opened = onFailure(CLOSED, failure('rate_limited', retry_after_ms), T, T);
    expect(opened).toMatchObject({ state: 'open', until_ms });
  });

  it('takes a wait of nothing as no wish to be left alone', () => {
    expect(onFailure(CLOSED, failure('rate_limited', 0), T, T).state).toBe('closed');
  });
});

describe('an open breaker', () => {
  const open = afterFailures([T, T, T]);
  const over = T + FIRST_COOLDOWN_MS;

  it('lets one probe through after the cooldown and keeps the others away', () => {
    const probing = onAttempt(open, over, 2_000);
    expect(probing.state).toBe('half_open');
    expect(isCoolingDown(probing, over + 1_999)).toBe(true);
  });

  it('lets another probe through when the first never reported', () => {
    expect(isCoolingDown(onAttempt(open, over, 2_000), over + 2_000)).toBe(false);
  });

  it('closes when the probe is answered', () => {
    expect(onAnswer(onAttempt(open, over, 2_000), over)).toEqual(CLOSED);
  });

  it('opens for twice as long when the probe fails, up to the longest', () => {
    let breaker = open;
    let now_ms = T;
    const lengths = [];
    for (let i = 0; i < 6; i += 1) {
      now_ms = breaker.state === 'open' ? breaker.until_ms : now_ms;
      breaker = onFailure(onAttempt(breaker, now_ms, 1_000), failure('overloaded'), now_ms, now_ms);
      lengths.push(breaker.state === 'open' ? breaker.until_ms - now_ms : 0);
    }
    expect(lengths).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('is not closed by the late answer to an attempt from before it opened', () => {
    expect(onAnswer(open, T - 500)).toBe(open);
  });

  it('is not prolonged by late failures of the burst that opened it', () => {
    expect(onFailure(open, failure('network'), T - 500, T + 900)).toBe(open);
  });

  it('is not shortened by a shorter wait', () => {
    const long = onFailure(CLOSED, failure('rate_limited', 50_000), T, T);
    expect(onFailure(long, failure('rate_limited', 1_000), T, T + 10)).toMatchObject({
      until_ms: T + 50_000,
    });
  });

  it('is not turned into a probe by an attempt during the cooldown', () => {
    expect(onAttempt(open, T + 1, 2_000)).toBe(open);
  });
});

describe('whatever happens', () => {
  it('no credential is left alone for longer than the longest cooldown', () => {
    const event = fc.record({
      wait_ms: fc.integer({ min: 0, max: 40_000 }),
      lasted_ms: fc.integer({ min: 0, max: 40_000 }),
      what: fc.constantFrom(
        'answer',
        'overloaded',
        'rate_limited',
        'authentication',
        'invalid_request' as const,
      ),
      retry_after_ms: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let breaker = CLOSED;
        let now_ms = T;
        for (const { wait_ms, lasted_ms, what, retry_after_ms } of events) {
          now_ms += wait_ms;
          const started_ms = now_ms;
          breaker = onAttempt(breaker, started_ms, 30_000);
          now_ms += lasted_ms;
          breaker =
            what === 'answer'
              ? onAnswer(breaker, started_ms)
              : onFailure(
                  breaker,
                  failure(what as ProviderFailure['kind'], retry_after_ms),
                  started_ms,
                  now_ms,
                );
          expect(isCoolingDown(breaker, now_ms + COOLDOWN_MS_MAX)).toBe(false);
        }
      }),
    );
  });
});
