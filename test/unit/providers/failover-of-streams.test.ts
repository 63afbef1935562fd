import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ChatPiece, chatPieces } from '../../../worker/executions/chat-task.ts';
import type { AttemptCandidate } from '../../../worker/providers/failover/attempts.ts';
import { KeptBreakers } from '../../../worker/providers/failover/breakers.ts';
import { runStream } from '../../../worker/providers/failover/stream-attempts.ts';
import { type Kind, kinds, simulatedProviders, wholeOf } from './simulated-provider.ts';

let providers: Awaited<ReturnType<typeof simulatedProviders>>;
beforeAll(async () => {
  providers = await simulatedProviders();
});
afterAll(() => providers.stop());
afterEach(() => providers.reset());

const windows = { openai: 1_000, anthropic: 1_000, google: 2_000 };

const run = (signal = new AbortController().signal) =>
  runStream<AttemptCandidate & { provider_kind: Kind }, ChatPiece>({
    candidates: kinds.map((kind) => ({
      breaker_key: kind,
      provider_id: kind,
      context_window_tokens: windows[kind],
      provider_kind: kind,
      provider_name: kind,
      provider_model: 'm',
      public_name: 'auto',
      ...{ first_event_timeout_ms: 1_000, whole_timeout_ms: 1_000, idle_timeout_ms: 1_000 },
    })),
    deadline_ms: Date.now() + 10_000,
    ...{ delivery: 'live_content', pieces: chatPieces, answer_bytes_max: 10_000 },
    signal,
    breakers: new KeptBreakers(new Map()),
    now: Date.now,
    call: ({ provider_kind }, { timeout_ms, ...patience }, signal) =>
      providers.stream(provider_kind, { target: { timeout_ms }, patience, signal }),
  });

async function answered(outcome: Awaited<ReturnType<typeof run>>) {
  if (!outcome.ok) throw new Error(`Nobody answered: ${outcome.reason}`);
  const events = [];
  for await (const event of outcome.events) events.push(event);
  return { ...outcome, events };
}

const broken: [string, string][] = [
  ['rate_limited', 'rate_limited'],
  ['server_error', 'overloaded'],
  ['overloaded', 'overloaded'],
  ['hang', 'timeout'],
  ['reset_before', 'network'],
  ['empty_body', 'invalid_response'],
  ['error_first', 'overloaded'],
  ['error_after_thinking', 'overloaded'],
];

it.each(broken)('at %s of the first provider the second streams, and nobody notices', async (mode, kind) => {
  await providers.breakWith({ provider: 'openai', mode });
  const { candidate, events, attempts } = await answered(await run());
  expect(candidate.provider_name).toBe('anthropic');
  expect(wholeOf(events).text).toContain('How do I bake bread?');
  expect(attempts).toMatchObject([
    { provider_name: 'openai', failure: { kind } },
    { provider_name: 'anthropic', failure: null },
  ]);
});

it.each(['reset_mid_stream', 'malformed_sse', 'error_mid_stream', 'hang_mid_stream'])(
  'at %s of the first provider the stream ends: it has begun to answer',
  async (mode) => {
    await providers.breakWith({ provider: 'openai', mode });
    const { candidate, events, attempts } = await answered(await run());
    expect(candidate.provider_name).toBe('openai');
    expect(events.filter(({ type }) => type === 'failed')).toEqual([events.at(-1)]);
    expect(attempts).toHaveLength(1);
    expect((await providers.requestsArrived()).total).toBe(1);
  },
);

it('goes to the one with a larger context window when the prompt is too long for the first', async () => {
  await providers.breakWith({ provider: 'openai', mode: 'prompt_too_long' });
  const { candidate, attempts } = await answered(await run());
  expect(candidate.provider_name).toBe('google');
  expect(attempts).toMatchObject([{ failure: { kind: 'context_length', status: 400 } }, { failure: null }]);
});

it('gives up when the prompt is too long for the largest as well', async () => {
  for (const provider of kinds) await providers.breakWith({ provider, mode: 'prompt_too_long' });
  expect(await run()).toMatchObject({ ok: false, reason: 'context_too_long', attempts: [{}, {}] });
});

it('asks each of them once when none can, and says why', async () => {
  for (const provider of kinds satisfies readonly Kind[])
    await providers.breakWith({ provider, mode: 'error_first' });
  expect(await run()).toMatchObject({ ok: false, reason: 'attempts_exhausted', attempts: [{}, {}, {}] });
  expect((await providers.requestsArrived()).total).toBe(3);
});

it('stops asking when its caller cancels', async () => {
  await providers.breakWith({ mode: 'hang' });
  expect(await run(AbortSignal.timeout(50))).toMatchObject({
    ok: false,
    reason: 'cancelled',
    attempts: [{}],
  });
});
