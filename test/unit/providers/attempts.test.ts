import { describe, expect, it } from 'vitest';
import { attempt as attemptSchema } from '../../../contracts/usage.ts';
import { type ChatPiece, chatPieces } from '../../../worker/executions/chat-task.ts';
import type { AttemptCandidate } from '../../../worker/providers/failover/attempts.ts';
import type { Breaker } from '../../../worker/providers/failover/breaker.ts';
import { KeptBreakers } from '../../../worker/providers/failover/breakers.ts';
import { runStream } from '../../../worker/providers/failover/stream-attempts.ts';
import type { TaskStream } from '../../../worker/providers/failover/task-stream.ts';
import type { ProviderFailure, ProviderResult } from '../../../worker/providers/provider.ts';

const START = 1_000_000;
const PROVIDER_ID = '00000000-0000-7000-8000-00000000000a';

const candidate = (name: string, breaker_key = name): AttemptCandidate => ({
  breaker_key,
  provider_id: PROVIDER_ID,
  context_window_tokens: 1_000,
  provider_kind: 'openai',
  provider_name: name,
  provider_model: `${name}-model`,
  public_name: 'auto',
  ...{ first_event_timeout_ms: 20_000, whole_timeout_ms: 20_000, idle_timeout_ms: 20_000 },
});

const answered = (text: string): ProviderResult => ({
  ok: true,
  completion: { text, tool_calls: [], finish_reason: 'stop', usage: null },
});
const failed = (changes: Partial<ProviderFailure> = {}): ProviderResult => ({
  ok: false,
  failure: {
    kind: 'overloaded',
    retryable: true,
    retry_after_ms: null,
    status: 503,
    message: 'busy',
    ...changes,
  },
});

type Plan = Omit<
  Parameters<typeof runStream<AttemptCandidate, ChatPiece>>[0],
  'call' | 'delivery' | 'pieces' | 'answer_bytes_max'
> & {
  call: (candidate: AttemptCandidate, timeout_ms: number) => Promise<ProviderResult>;
};

async function* eventsOf({
  text,
  finish_reason,
  usage,
}: Extract<ProviderResult, { ok: true }>['completion']) {
  yield { type: 'text' as const, text };
  yield { type: 'done' as const, finish_reason, usage };
}

/** Runs the attempts of an answer in one piece. */
async function runWhole({ call, ...plan }: Plan) {
  const outcome = await runStream<AttemptCandidate, ChatPiece>({
    ...plan,
    delivery: 'whole',
    pieces: chatPieces,
    answer_bytes_max: 10_000,
    call: async (candidate, { timeout_ms }): Promise<TaskStream<ChatPiece>> => {
      const result = await call(candidate, timeout_ms);
      return result.ok ? { ok: true, events: eventsOf(result.completion) } : result;
    },
  });
  if (!outcome.ok) return outcome;
  let text = '';
  for await (const event of outcome.events) if ('text' in event) text += event.text;
  const { candidate, attempts } = outcome;
  return { ok: true as const, candidate, text, attempts };
}

/** A world in which every call takes 100 ms and ends as told, by the candidate's name. */
function world(results: Record<string, ProviderResult>) {
  let time_ms = START;
  const calls: { name: string; timeout_ms: number }[] = [];
  const breakers = new Map<string, Breaker>();
  const caller = new AbortController();
  const run = (names: (string | AttemptCandidate)[], budget_ms = 60_000, hasLeft = () => false) =>
    runWhole({
      candidates: names.map((name) => (typeof name === 'string' ? candidate(name) : name)),
      deadline_ms: time_ms + budget_ms,
      signal: caller.signal,
      hasLeft,
      breakers: new KeptBreakers(breakers),
      now: () => time_ms,
      call: async ({ provider_name }, timeout_ms) => {
        calls.push({ name: provider_name, timeout_ms });
        time_ms += 100;
        const result = results[provider_name];
        if (result === undefined) throw new Error(`${provider_name} has no result`);
        return result;
      },
    });
  const pass = (wait_ms: number) => {
    time_ms += wait_ms;
  };
  return { run, calls, breakers, caller, pass };
}

describe('running the attempts of an execution', () => {
  it('returns the first answer and records the one call', async () => {
    const { run, breakers } = world({ a: answered('Hi') });
    expect(await run(['a', 'b'])).toEqual({
      ok: true,
      candidate: candidate('a'),
      text: 'Hi',
      attempts: [
        {
          provider_id: PROVIDER_ID,
          provider_kind: 'openai',
          provider_name: 'a',
          provider_model: 'a-model',
          started_at_ms: START,
          latency_ms: 100,
          failure: null,
        },
      ],
    });
    expect(breakers.size).toBe(0);
  });

  it('goes on to the next candidate, and records every call in the shape of the contract', async () => {
    const { run } = world({
      a: failed(),
      b: failed({ kind: 'authentication', status: 401 }),
      c: answered('Hi'),
    });
    const outcome = await run(['a', 'b', 'c']);
    expect(outcome).toMatchObject({ ok: true, candidate: { provider_name: 'c' } });
    expect(outcome.attempts.map(({ failure }) => failure?.kind ?? null)).toEqual([
      'overloaded',
      'authentication',
      null,
    ]);
    for (const one of outcome.attempts) expect(attemptSchema.parse(one)).toEqual(one);
    expect(JSON.stringify(outcome.attempts), 'in no words of the provider').not.toContain('busy');
  });

  it('reports the last failure when nobody answers', async () => {
    const { run, calls } = world({ a: failed(), b: failed({ message: 'the last' }) });
    expect(await run(['a', 'b'])).toMatchObject({
      ok: false,
      reason: 'candidates_exhausted',
      failure: { message: 'the last' },
      attempts: [{ provider_name: 'a' }, { provider_name: 'b' }],
    });
    expect(calls).toHaveLength(2);
  });

  it('makes no more than three calls', async () => {
    const { run, calls } = world({ a: failed(), b: failed(), c: failed(), d: answered('never asked') });
    expect(await run(['a', 'b', 'c', 'd'])).toMatchObject({ ok: false, reason: 'attempts_exhausted' });
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('stops at a request that is refused', async () => {
    const { run, calls } = world({
      a: failed({ kind: 'invalid_request', retryable: false }),
      b: answered('no'),
    });
    expect(await run(['a', 'b'])).toMatchObject({ ok: false, reason: 'not_retryable' });
    expect(calls).toHaveLength(1);
  });

  it('gives each attempt no more than the time left', async () => {
    const { run, calls } = world({ a: failed(), b: failed() });
    await run(['a', 'b'], 5_000);
    expect(calls).toEqual([
      { name: 'a', timeout_ms: 5_000 },
      { name: 'b', timeout_ms: 4_900 },
    ]);
  });

  it('asks nobody for a caller who has gone', async () => {
    const { run, calls, caller } = world({ a: answered('no') });
    caller.abort();
    expect(await run(['a'])).toEqual({
      ok: false,
      reason: 'cancelled',
      failure: null,
      attempts: [],
      cancelled_attempt: null,
    });
    expect(calls).toEqual([]);
  });

  it('begins no attempt for a caller who has left, but hears the running one out', async () => {
    const { run, calls, breakers } = world({ a: failed(), b: answered('Hi') });
    const left = await run(['a', 'b'], 60_000, () => calls.length > 0);
    expect(left).toMatchObject({ ok: false, reason: 'cancelled', attempts: [{ provider_name: 'a' }] });
    expect(left, 'it ended by itself').toMatchObject({ cancelled_attempt: null });
    expect(breakers.size, 'the failure counts').toBe(1);
    const heard = await run(['b'], 60_000, () => calls.length > 1);
    expect(heard).toMatchObject({ ok: true, text: 'Hi' });
    expect(await run(['b'], 60_000, () => true)).toMatchObject({ reason: 'cancelled', attempts: [] });
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  /** A caller who goes away while the first call runs, which ends so. */
  async function goneDuring(result: ProviderResult) {
    const breakers = new Map<string, Breaker>();
    const caller = new AbortController();
    const outcome = await runWhole({
      candidates: [candidate('a'), candidate('b')],
      deadline_ms: START + 60_000,
      signal: caller.signal,
      breakers: new KeptBreakers(breakers),
      now: () => START,
      call: async () => {
        caller.abort();
        return result;
      },
    });
    return { outcome, breakers };
  }

  it('does not hold a cancelled call against the provider, and says whose it was', async () => {
    const { outcome, breakers } = await goneDuring(failed({ kind: 'timeout', retryable: false }));
    expect(outcome).toMatchObject({ ok: false, reason: 'cancelled', attempts: [{ provider_name: 'a' }] });
    expect(outcome, 'whatever another of its name costs').toMatchObject({
      cancelled_attempt: { candidate: candidate('a'), output_bytes: 0 },
    });
    expect(breakers.size).toBe(0);
  });

  it('does not call a call cut short that failed by itself at that moment', async () => {
    const { outcome } = await goneDuring(failed({ kind: 'timeout', retryable: true }));
    expect(outcome).toMatchObject({ ok: false, reason: 'cancelled', cancelled_attempt: null });
  });

  it('lets an exception through, which is a bug and no failure', async () => {
    await expect(world({}).run(['a'])).rejects.toThrow('a has no result');
  });
});

describe('breakers between executions', () => {
  it('spare a provider that asked to be left alone, and come back to it after its wait', async () => {
    const results = { a: failed({ kind: 'rate_limited', retry_after_ms: 10_000 }), b: answered('Hi') };
    const { run, calls, pass } = world(results);
    await run(['a', 'b']);
    await run(['a', 'b']);
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b', 'b']);
    pass(10_000);
    await run(['a', 'b']);
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b', 'b', 'a', 'b']);
  });

  it('skip the other models of a credential that was refused', async () => {
    const { run, calls } = world({
      large: failed({ kind: 'authentication' }),
      small: answered('never asked'),
      other: answered('Hi'),
    });
    const shared = [candidate('large', 'key-1'), candidate('small', 'key-1'), candidate('other', 'key-2')];
    expect(await run(shared)).toMatchObject({ ok: true, candidate: { provider_name: 'other' } });
    expect(calls.map(({ name }) => name)).toEqual(['large', 'other']);
  });

  it('forget a provider that answers again', async () => {
    const results: Record<string, ProviderResult> = { a: failed(), b: answered('Hi') };
    const { run, breakers, pass } = world(results);
    for (let i = 0; i < 3; i += 1) await run(['a', 'b']);
    expect(breakers.get('a')).toMatchObject({ state: 'open' });
    results.a = answered('Back');
    pass(5_000);
    expect(await run(['a', 'b'])).toMatchObject({ text: 'Back' });
    expect(breakers.size).toBe(0);
  });

  it('still ask a provider that is cooling down when there is no other', async () => {
    const { run, calls } = world({ a: failed({ retry_after_ms: 30_000 }) });
    await run(['a']);
    await run(['a']);
    expect(calls).toHaveLength(2);
  });
});
