import { describe, expect, it } from 'vitest';
import { type Breaker, CLOSED } from '../../../worker/providers/failover/breaker.ts';
import {
  ATTEMPTS_MAX,
  type FailoverSituation,
  nextStep,
} from '../../../worker/providers/failover/failover.ts';
import type { ProviderFailure } from '../../../worker/providers/provider.ts';

const NOW = 1_000_000;

const cooling = (for_ms: number): Breaker => ({
  state: 'open',
  opened_ms: NOW - 1,
  until_ms: NOW + for_ms,
  openings: 1,
});
const recovered: Breaker = { state: 'open', opened_ms: NOW - 9_000, until_ms: NOW, openings: 1 };
const probing: Breaker = { state: 'half_open', opened_ms: NOW - 9_000, until_ms: NOW + 500, openings: 1 };

const failed = (kind: ProviderFailure['kind'], retryable: boolean): ProviderFailure => ({
  kind,
  retryable,
  retry_after_ms: null,
  status: null,
  message: '',
});
const overloaded = failed('overloaded', true);

const situation = (changes: Partial<FailoverSituation>): FailoverSituation => ({
  breakers: [CLOSED, CLOSED, CLOSED],
  models: ['auto', 'auto', 'auto'],
  context_windows_tokens: [100_000, 100_000, 100_000],
  attempted: [],
  last_failure: null,
  attempt_timeouts_ms: [20_000, 20_000, 20_000],
  deadline_ms: NOW + 60_000,
  now_ms: NOW,
  ...changes,
});

const attempt = (candidate: number, timeout_ms = 20_000) => ({ do: 'attempt', candidate, timeout_ms });
const giveUp = (reason: string) => ({ do: 'give_up', reason });

describe('failover', () => {
  it.each<[string, Partial<FailoverSituation>, object]>([
    ['asks the first candidate first', {}, attempt(0)],
    [
      'asks the next at once after a retryable failure',
      { attempted: [0], last_failure: overloaded },
      attempt(1),
    ],
    [
      'asks the next after our credential was refused, which is not the user’s fault',
      { attempted: [0], last_failure: failed('authentication', true) },
      attempt(1),
    ],
    [
      'asks nobody else when the request was refused',
      { attempted: [0], last_failure: failed('invalid_request', false) },
      giveUp('not_retryable'),
    ],
    [
      'asks nobody else when a filter refused the request',
      { attempted: [0], last_failure: failed('content_filter', false) },
      giveUp('not_retryable'),
    ],
    [
      'stops after the most attempts, however many candidates are left',
      {
        breakers: [CLOSED, CLOSED, CLOSED, CLOSED],
        context_windows_tokens: [1, 1, 1, 1],
        attempted: [0, 1, 2],
        last_failure: overloaded,
      },
      giveUp('attempts_exhausted'),
    ],
    [
      'asks each candidate once',
      { breakers: [CLOSED, CLOSED], attempted: [0, 1], last_failure: overloaded },
      giveUp('candidates_exhausted'),
    ],
    [
      'asks one with a larger context window when the prompt was too long, passing over those that are no larger',
      {
        attempted: [0],
        context_windows_tokens: [100_000, 100_000, 100_001],
        last_failure: failed('context_length', true),
      },
      attempt(2),
    ],
    [
      'asks nobody else when the prompt was too long and no window is larger',
      {
        attempted: [2],
        context_windows_tokens: [99_999, 100_000, 100_000],
        last_failure: failed('context_length', true),
      },
      giveUp('context_too_long'),
    ],
    [
      'leaves a larger one that is cooling down alone, which says nothing of the prompt',
      {
        breakers: [CLOSED, cooling(3_000)],
        attempted: [0],
        context_windows_tokens: [1, 2],
        last_failure: failed('context_length', true),
      },
      giveUp('candidates_exhausted'),
    ],
    [
      'asks any other again after a failure of the larger one',
      {
        attempted: [0, 2],
        context_windows_tokens: [1, 1, 2],
        last_failure: overloaded,
      },
      attempt(1),
    ],
    ['has nobody to ask without candidates', { breakers: [] }, giveUp('no_candidates')],
    ['skips a candidate that is cooling down', { breakers: [cooling(5_000), CLOSED] }, attempt(1)],
    ['skips a candidate whose probe is out', { breakers: [probing, CLOSED] }, attempt(1)],
    ['asks a candidate whose cooldown is over', { breakers: [recovered, CLOSED] }, attempt(0)],
    [
      'asks the one that recovers first when all are cooling down',
      { breakers: [cooling(9_000), cooling(3_000), cooling(6_000)] },
      attempt(1),
    ],
    [
      'keeps to the priorities when all recover at the same time',
      { breakers: [cooling(3_000), cooling(3_000)] },
      attempt(0),
    ],
    [
      'does not trouble one that is cooling down after somebody was asked',
      { breakers: [CLOSED, cooling(3_000)], attempted: [0], last_failure: overloaded },
      giveUp('candidates_exhausted'),
    ],
    [
      'passes over one that is cooling down to a later one that is not',
      { breakers: [CLOSED, cooling(3_000), CLOSED], attempted: [0], last_failure: overloaded },
      attempt(2),
    ],
    ['gives an attempt no more than the time left', { deadline_ms: NOW + 7_000 }, attempt(0, 7_000)],
    ['starts no attempt that could only time out', { deadline_ms: NOW + 999 }, giveUp('deadline_reached')],
    ['starts no attempt after the deadline', { deadline_ms: NOW - 1 }, giveUp('deadline_reached')],
  ])('%s', (_sentence, changes, expected) => {
    expect(nextStep(situation(changes))).toEqual(expected);
  });

  it('makes at most three attempts', () => {
    expect(ATTEMPTS_MAX).toBe(3);
  });
});
