import { expect, it } from 'vitest';
import { defaultSettings } from '../../../contracts/catalog/provider-settings.ts';
import { failoverPlanOf, waitsOf } from '../../../worker/executions/patience.ts';
import { candidate, price } from './candidate.ts';

const TEN_MINUTES_MS = 600_000;

it.each([
  [1, 120_000, 120_050],
  [1_000, 120_000, 170_000],
  [4_000, 200_000, 400_000],
  [10_000, 500_000, 1_000_000],
  [200_000, TEN_MINUTES_MS, 3_300_000],
])(
  'a provider that may say %i tokens has %i ms to begin, and %i ms for an answer in one piece',
  (max_output_tokens, first_event_timeout_ms, whole_timeout_ms) => {
    expect(waitsOf(defaultSettings, max_output_tokens)).toEqual({
      ...{ first_event_timeout_ms, whole_timeout_ms },
      idle_timeout_ms: 60_000,
    });
  },
);

it('serves 20 tokens a second after a cold start of 35 s', () => {
  for (const tokens of [50, 800, 4_000, 50_000]) {
    const { whole_timeout_ms } = waitsOf(defaultSettings, tokens);
    expect(whole_timeout_ms, String(tokens)).toBeGreaterThan(35_000 + tokens * 50);
  }
});

it('waits as long as a provider’s settings say', () => {
  const settings = { first_byte_timeout_ms: 5_000, idle_timeout_ms: 300_000 };
  expect(waitsOf(settings, 20_000)).toEqual({
    ...{ first_event_timeout_ms: 5_000, whole_timeout_ms: 1_005_000, idle_timeout_ms: 300_000 },
  });
});

const planned = {
  ...{
    price,
    input_tokens_bound: 10,
    held_input_tokens: 10,
    input_classes: [],
    credential: { kind: 'openai', base_url: null, secret: 'k' } as const,
  },
  ...candidate({}, { settings: { ...defaultSettings, first_byte_timeout_ms: 300_000 } }),
};
const planFor = (tenant_id: string) =>
  failoverPlanOf(
    { candidates: [{ ...planned, price }], max_output_tokens: 100 },
    { tenant_id, signal: new AbortController().signal },
  );

it('leaves time for the next provider when the first one uses all its time', () => {
  const { candidates, deadline_ms } = planFor('one');
  expect(candidates).toMatchObject([{ first_event_timeout_ms: 300_000, idle_timeout_ms: 60_000 }]);
  expect(deadline_ms - Date.now()).toBeGreaterThan(325_000);
});

it('keeps what one tenant’s calls met from the calls of another', () => {
  const failure = {
    kind: 'timeout',
    retryable: true,
    retry_after_ms: null,
    status: null,
    message: '',
  } as const;
  const plan = planFor('one');
  const key = plan.candidates[0]?.breaker_key ?? '';
  for (let i = 0; i < 3; i += 1) plan.breakers.failed(key, failure, 1_000 + i, 1_000 + i);
  expect(planFor('one').breakers.of(key, 1_003).state).toBe('open');
  expect(planFor('other').candidates[0]?.breaker_key).toBe(key);
  expect(planFor('other').breakers.of(key, 1_003).state).toBe('closed');
});
