import { describe, expect, it } from 'vitest';
import { attempt as attemptSchema } from '../../../contracts/usage.ts';
import { type ChatPiece, chatPieces } from '../../../worker/executions/chat-task.ts';
import type { AttemptCandidate } from '../../../worker/providers/failover/attempts.ts';
import type { Breaker } from '../../../worker/providers/failover/breaker.ts';
import { KeptBreakers } from '../../../worker/providers/failover/breakers.ts';
import { type Delivery, runStream } from '../../../worker/providers/failover/stream-attempts.ts';
import type { TaskEvent } from '../../../worker/providers/failover/task-stream.ts';
import type { ProviderFailure, StreamEvent, StreamStart } from '../../../worker/providers/provider.ts';
import { cancelled } from '../../../worker/providers/transport/failure.ts';

const START = 1_000_000;
const PROVIDER_ID = '00000000-0000-7000-8000-00000000000a';

const candidate = (name: string): AttemptCandidate => ({
  breaker_key: name,
  provider_id: PROVIDER_ID,
  context_window_tokens: 1_000,
  provider_kind: 'openai',
  provider_name: name,
  provider_model: `${name}-model`,
  public_name: 'auto',
  ...{ first_event_timeout_ms: 20_000, whole_timeout_ms: 40_000, idle_timeout_ms: 30_000 },
});

const failure = (changes: Partial<ProviderFailure> = {}): ProviderFailure => ({
  kind: 'overloaded',
  retryable: true,
  retry_after_ms: null,
  status: 503,
  message: 'busy',
  ...changes,
});
const text = (words: string): StreamEvent => ({ type: 'text', text: words });
const thought = (words: string): StreamEvent => ({ type: 'reasoning', text: words });
const done: StreamEvent = { type: 'done', finish_reason: 'stop', usage: null };
const failed = (changes: Partial<ProviderFailure> = {}): StreamEvent => ({
  type: 'failed',
  failure: failure(changes),
});

/** What a candidate does: streams these events, or does not begin. */
type Behaviour = StreamEvent[] | ProviderFailure;

/** A world in which every call and every event takes 100 ms. */
function world(behaviours: Record<string, Behaviour>) {
  let time_ms = START;
  const calls: { name: string; timeouts: object }[] = [];
  const taken: string[] = [];
  const left: string[] = [];
  const breakers = new Map<string, Breaker>();
  const caller = new AbortController();

  async function* eventsOf(name: string, events: StreamEvent[]) {
    let isWhole = false;
    try {
      for (const event of events) {
        time_ms += 100;
        taken.push(name);
        yield event;
      }
      isWhole = true;
    } finally {
      if (!isWhole) left.push(name);
    }
  }

  const run = (names: string[], budget_ms = 60_000, delivery: Delivery = 'live') =>
    runStream<AttemptCandidate, ChatPiece>({
      ...{ delivery, pieces: chatPieces, answer_bytes_max: 100 },
      candidates: names.map(candidate),
      deadline_ms: time_ms + budget_ms,
      signal: caller.signal,
      breakers: new KeptBreakers(breakers),
      now: () => time_ms,
      call: async ({ provider_name }, timeouts): Promise<StreamStart> => {
        calls.push({ name: provider_name, timeouts });
        time_ms += 100;
        const behaviour = behaviours[provider_name];
        if (behaviour === undefined) throw new Error(`${provider_name} has no behaviour`);
        return Array.isArray(behaviour)
          ? { ok: true, events: eventsOf(provider_name, behaviour) }
          : { ok: false, failure: behaviour };
      },
    });
  return { run, calls, taken, left, breakers, caller };
}

async function begun(outcome: Awaited<ReturnType<ReturnType<typeof world>['run']>>) {
  if (!outcome.ok) throw new Error(`Nobody answered: ${outcome.reason}`);
  return outcome;
}

async function allOf(events: AsyncIterable<TaskEvent<ChatPiece>>) {
  const all: TaskEvent<ChatPiece>[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('streaming from the first candidate that begins', () => {
  it('hands on its events as they are, and records the one call when they have ended', async () => {
    const { run, breakers } = world({ a: [text('Hi'), done] });
    const outcome = await begun(await run(['a', 'b']));
    expect(outcome.candidate).toEqual(candidate('a'));
    expect(outcome.attempts).toEqual([]);
    expect(await allOf(outcome.events)).toEqual([text('Hi'), done]);
    expect(outcome.attempts).toEqual([
      {
        provider_id: PROVIDER_ID,
        provider_kind: 'openai',
        provider_name: 'a',
        provider_model: 'a-model',
        started_at_ms: START,
        latency_ms: 300,
        failure: null,
      },
    ]);
    expect(breakers.size).toBe(0);
  });

  it('goes on to the next candidate before the first event, and records every call in the shape of the contract', async () => {
    const { run, calls } = world({
      a: failure(),
      b: failure({ kind: 'truncated', status: 200 }),
      c: [text('Hi'), done],
    });
    const outcome = await begun(await run(['a', 'b', 'c']));
    await allOf(outcome.events);
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(outcome.attempts.map((one) => one.failure?.kind ?? null)).toEqual([
      'overloaded',
      'truncated',
      null,
    ]);
    for (const one of outcome.attempts) expect(attemptSchema.parse(one)).toEqual(one);
  });

  it('does not go on after an event: the failure ends the stream, and counts against the provider', async () => {
    const { run, calls, breakers } = world({ a: [text('H'), failed()], b: [text('never asked'), done] });
    const outcome = await begun(await run(['a', 'b']));
    expect(await allOf(outcome.events)).toEqual([text('H'), failed()]);
    expect(calls).toHaveLength(1);
    expect(outcome.attempts).toMatchObject([{ provider_name: 'a', failure: { kind: 'overloaded' } }]);
    expect(breakers.get('a')).toMatchObject({ failures: 1 });
  });

  it('goes on after thoughts that nobody hears, and hands on those of the one that answers', async () => {
    const { run, calls } = world({
      a: [thought('Let me'), thought(' see'), failed()],
      b: [thought('Hm'), thought('m'), text('Hi'), done],
    });
    const outcome = await begun(await run(['a', 'b'], 60_000, 'live_content'));
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await allOf(outcome.events), 'what was thought is paid for').toEqual([
      thought('Hmm'),
      text('Hi'),
      done,
    ]);
    expect(outcome.attempts.map((one) => one.failure?.kind ?? null)).toEqual(['overloaded', null]);
  });

  it('does not go on after thoughts that are heard', async () => {
    const { run, calls } = world({ a: [thought('Let me'), failed()], b: [text('never asked'), done] });
    const outcome = await begun(await run(['a', 'b']));
    expect(await allOf(outcome.events)).toEqual([thought('Let me'), failed()]);
    expect(calls).toHaveLength(1);
  });

  it('holds back no more thought than memory allows', async () => {
    const long = thought('x'.repeat(200_000));
    const { run, taken } = world({ a: [long, long, long, text('Hi'), done] });
    const outcome = await begun(await run(['a'], 60_000, 'live_content'));
    expect(taken).toHaveLength(2);
    expect((await allOf(outcome.events)).slice(-2)).toEqual([text('Hi'), done]);
  });

  it('can be left while what it thought before is still unread', async () => {
    const { run, left } = world({ a: [thought('Hm'), text('Hi'), done] });
    const outcome = await begun(await run(['a'], 60_000, 'live_content'));
    for await (const _event of outcome.events) break;
    expect(left).toEqual(['a']);
    expect(outcome.attempts).toMatchObject([{ failure: { kind: 'timeout', retryable: false } }]);
  });

  it('says who was cut short, and how much it had thought by then', async () => {
    const { run, caller } = world({ a: [thought('Let me'), thought(' see'), failed(cancelled)] });
    const running = run(['a'], 60_000, 'live_content');
    caller.abort();
    expect(await running).toMatchObject({
      ok: false,
      reason: 'cancelled',
      cancelled_attempt: { candidate: candidate('a'), output_bytes: 10 },
    });
  });

  it.each([
    [true, null],
    [false, 0],
  ])(
    'of who is asked in one piece (%s) and cut short says that %s bytes are known',
    async (asked_whole, known) => {
      const caller = new AbortController();
      const outcome = await runStream<AttemptCandidate, ChatPiece>({
        ...{ candidates: [candidate('a')], deadline_ms: START + 60_000 },
        ...{ delivery: 'live_content', signal: caller.signal },
        ...{ pieces: chatPieces, answer_bytes_max: 100 },
        ...{ breakers: new KeptBreakers(new Map()), now: () => START },
        call: async () => {
          caller.abort();
          return { ok: false, failure: cancelled, asked_whole };
        },
      });
      expect(outcome).toMatchObject({ ok: false, cancelled_attempt: { output_bytes: known } });
    },
  );

  it('holds a whole answer back to its end, so a failure in the middle of it leads to the next candidate', async () => {
    const { run, calls } = world({ a: [text('Hal'), failed()], b: [text('Wh'), text('ole'), done] });
    const outcome = await begun(await run(['a', 'b'], 60_000, 'whole'));
    expect(calls.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await allOf(outcome.events)).toEqual([text('Whole'), done]);
    expect(outcome.attempts.map((one) => one.failure?.kind ?? null)).toEqual(['overloaded', null]);
  });

  it('gives a whole answer longer than it has to begin, and no longer than all attempts have', async () => {
    const { run, calls } = world({ a: [done] });
    await run(['a'], 60_000, 'whole');
    await run(['a'], 30_000, 'whole');
    expect(calls.map(({ timeouts }) => timeouts)).toMatchObject([
      { timeout_ms: 40_000, first_event_timeout_ms: 20_000 },
      { timeout_ms: 30_000, first_event_timeout_ms: 20_000 },
    ]);
  });

  it('holds back no more of a whole answer than its limit of bytes', async () => {
    const { run, taken } = world({ a: [text('x'.repeat(60)), text('x'.repeat(60)), text('more'), done] });
    const outcome = await begun(await run(['a'], 60_000, 'whole'));
    expect(taken).toHaveLength(2);
    expect((await allOf(outcome.events)).slice(-2)).toEqual([text('more'), done]);
  });

  it('makes no more than three calls, and says why nobody answered', async () => {
    const { run, calls } = world({
      a: failure(),
      b: failure(),
      c: failure({ message: 'the last' }),
      d: [done],
    });
    expect(await run(['a', 'b', 'c', 'd'])).toMatchObject({
      ok: false,
      reason: 'attempts_exhausted',
      failure: { message: 'the last' },
      attempts: [{}, {}, {}],
    });
    expect(calls).toHaveLength(3);
  });

  it('stops at a request that is refused', async () => {
    const { run, calls } = world({ a: failure({ kind: 'invalid_request', retryable: false }), b: [done] });
    expect(await run(['a', 'b'])).toMatchObject({ ok: false, reason: 'not_retryable' });
    expect(calls).toHaveLength(1);
  });

  it('gives each call until the deadline, and its first event as long as an attempt may take', async () => {
    const { run, calls } = world({ a: failure(), b: [done] });
    await run(['a', 'b']);
    await run(['b'], 5_000);
    expect(calls.map(({ timeouts }) => timeouts)).toEqual([
      { timeout_ms: 60_000, first_event_timeout_ms: 20_000, idle_timeout_ms: 30_000 },
      { timeout_ms: 59_900, first_event_timeout_ms: 20_000, idle_timeout_ms: 30_000 },
      { timeout_ms: 5_000, first_event_timeout_ms: 5_000, idle_timeout_ms: 30_000 },
    ]);
  });

  it('takes no event but the first before it is asked for one', async () => {
    const { run, taken } = world({ a: [text('1'), text('2'), done] });
    const outcome = await begun(await run(['a']));
    expect(taken).toHaveLength(1);
    await outcome.events[Symbol.asyncIterator]().next();
    expect(taken).toHaveLength(1);
  });

  it('leaves the provider when it is left, and holds nothing against it', async () => {
    const { run, left, breakers } = world({ a: [text('1'), text('2'), done] });
    const outcome = await begun(await run(['a']));
    for await (const _event of outcome.events) break;
    expect(left).toEqual(['a']);
    expect(outcome.attempts).toMatchObject([
      { provider_name: 'a', failure: { kind: 'timeout', retryable: false } },
    ]);
    expect(breakers.size).toBe(0);
  });

  it('records a stream once, however it is left after its end', async () => {
    const { run } = world({ a: [text('1'), done] });
    const outcome = await begun(await run(['a']));
    for await (const event of outcome.events) if (event.type === 'done') break;
    expect(outcome.attempts).toMatchObject([{ failure: null }]);
  });

  it('does not hold a stream that its caller cancelled against the provider', async () => {
    const { run, breakers, caller } = world({
      a: [text('1'), failed({ kind: 'timeout', retryable: false })],
    });
    const outcome = await begun(await run(['a']));
    caller.abort();
    await allOf(outcome.events);
    expect(outcome.attempts).toMatchObject([{ failure: { kind: 'timeout' } }]);
    expect(breakers.size).toBe(0);
  });

  it('spares a provider whose streams broke three times', async () => {
    const { run, calls } = world({ a: [text('1'), failed()], b: [done] });
    for (let i = 0; i < 3; i += 1) await allOf((await begun(await run(['a', 'b']))).events);
    await run(['a', 'b']);
    expect(calls.map(({ name }) => name)).toEqual(['a', 'a', 'a', 'b']);
  });

  it('forgets what was held against a provider when a stream of its ends well', async () => {
    const behaviours: Record<string, Behaviour> = { a: [text('1'), failed()] };
    const { run, breakers } = world(behaviours);
    await allOf((await begun(await run(['a']))).events);
    expect(breakers.get('a')).toMatchObject({ failures: 1 });
    behaviours.a = [text('1'), done];
    const { events } = await begun(await run(['a']));
    expect(breakers.get('a')).toMatchObject({ failures: 1 });
    await allOf(events);
    expect(breakers.size).toBe(0);
  });

  it('asks nobody for a caller who has gone', async () => {
    const { run, calls, caller } = world({ a: [done] });
    caller.abort();
    expect(await run(['a'])).toMatchObject({
      ok: false,
      reason: 'cancelled',
      attempts: [],
      cancelled_attempt: null,
    });
    expect(calls).toEqual([]);
  });

  it('lets an exception through, which is a bug and no failure', async () => {
    await expect(world({}).run(['a'])).rejects.toThrow('a has no behaviour');
  });
});
