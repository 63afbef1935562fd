import { describe, expect, it } from 'vitest';
import type { AttemptReceipt } from '../../../../contracts/usage.ts';
import { placeAttempts } from '../../../../web/src/features/executions/attempt-timeline.ts';

const START = Date.parse('2026-11-10T12:00:00Z');
const created_at = '2026-11-10T12:00:00.000Z';

const attempt = (after_ms: number, latency_ms: number, failed = false): AttemptReceipt => ({
  ...{ provider_kind: 'openai', provider_name: 'OpenAI', provider_model: 'gpt-5.4-mini' },
  ...{ started_at_ms: START + after_ms, latency_ms },
  failure: failed ? { kind: 'overloaded', status: 503, retryable: true, retry_after_ms: null } : null,
});

const places = (attempts: AttemptReceipt[], first_token_ms: number | null) =>
  placeAttempts({ attempts, created_at, first_token_ms }).map(({ attempt: _, ...place }) => place);

describe('the timeline of attempts', () => {
  it('places each attempt between the start of the execution and the last end', () => {
    expect(places([attempt(100, 200, true), attempt(400, 600)], null)).toEqual([
      { start_percent: 10, width_percent: 20, first_token: null },
      { start_percent: 40, width_percent: 60, first_token: null },
    ]);
  });

  it('marks the first token in the attempt that gave it, counted from its own start', () => {
    expect(places([attempt(0, 500, true), attempt(500, 500)], 750)).toEqual([
      { start_percent: 0, width_percent: 50, first_token: null },
      { start_percent: 50, width_percent: 50, first_token: { after_ms: 250, at_percent: 75 } },
    ]);
  });

  it('stays within the whole when an attempt took no time, or began before the recorded start', () => {
    expect(places([attempt(0, 0)], null)).toEqual([
      { start_percent: 0, width_percent: 0, first_token: null },
    ]);
    expect(places([attempt(-10, 100)], null)).toEqual([
      { start_percent: 0, width_percent: 100, first_token: null },
    ]);
  });
});
