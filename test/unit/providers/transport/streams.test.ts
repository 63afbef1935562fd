import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { providerKindIds } from '../../../../contracts/catalog/provider-kinds.ts';
import type { StreamEvent } from '../../../../worker/providers/provider.ts';
import { simulatedProviders, wholeOf } from '../simulated-provider.ts';

let providers: Awaited<ReturnType<typeof simulatedProviders>>;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  providers = await simulatedProviders();
});
afterAll(async () => {
  await providers.stop();
  process.off('unhandledRejection', onUnhandled);
});
afterEach(async () => {
  await providers.reset();
  expect(unhandled).toEqual([]);
});

/** Waits until no simulator is answering any more: every connection is finished or was given up. */
async function connectionsClosed(): Promise<void> {
  await expect
    .poll(async () => (await providers.requestsArrived()).in_progress, { timeout: 5_000, interval: 10 })
    .toBe(0);
}

const textOf = (events: StreamEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

describe.each(providerKindIds)('a stream through the %s adapter', (kind) => {
  it('adds up to the answer in one piece, with the same usage', async () => {
    await providers.breakWith({ mode: 'none', unstreamed: true });
    const { text, tool_calls, finish_reason, usage } = await providers.completion(kind);
    await providers.reset();
    const events = await providers.events(kind);
    expect(wholeOf(events)).toEqual({ text, tool_calls, finish_reason, usage });
    expect(events.length).toBeGreaterThan(10);
    expect((await providers.requestsArrived()).requests.at(-1)).toMatchObject({
      stream: true,
      max_output_tokens: 500,
    });
  });

  it('has one terminal event, which is its last', async () => {
    const events = await providers.events(kind);
    const terminal = events.filter(({ type }) => type === 'done' || type === 'failed');
    expect(terminal).toEqual([events.at(-1)]);
  });

  it('says when the output limit cut it', async () => {
    const whole = wholeOf(await providers.events(kind, { request: { max_output_tokens: 10 } }));
    expect(whole).toMatchObject({ finish_reason: 'length', usage: { output_tokens: 10 } });
  });

  it('passes on each event as it comes, long before the last', async () => {
    await providers.breakWith({ mode: 'slow', delay_ms: 20 });
    const start = await providers.stream(kind, { request: { max_output_tokens: 50 } });
    if (!start.ok) throw new Error(start.failure.message);
    const arrivals: number[] = [];
    for await (const _event of start.events) arrivals.push(performance.now());
    const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
    expect(last - first).toBeGreaterThan(arrivals.length * 10);
  });

  it.each([
    { mode: 'server_error', status: 500, failure: 'overloaded' },
    {
      mode: 'overloaded',
      status: { openai: 503, anthropic: 529, google: 503, deepseek: 503 }[kind],
      failure: 'overloaded',
    },
    {
      mode: 'error_first',
      status: { openai: 500, anthropic: 529, google: 503, deepseek: 500 }[kind],
      failure: 'overloaded',
    },
    { mode: 'rate_limited', status: 429, failure: 'rate_limited' },
    { mode: 'reset_before', status: null, failure: 'network' },
    { mode: 'empty_body', status: 200, failure: 'invalid_response' },
  ])('does not begin at $mode, so that another can', async ({ mode, status, failure }) => {
    await providers.breakWith({ mode });
    expect(await providers.streamFailure(kind)).toMatchObject({ kind: failure, status, retryable: true });
    await connectionsClosed();
  });

  it('does not begin with a wrong key, and quotes none', async () => {
    const failure = await providers.streamFailure(kind, { target: { secret: 'invalid-key' } });
    expect(failure).toMatchObject({ kind: 'authentication', retryable: true });
    expect(failure.message).not.toContain('invalid-key');
  });

  it('says how long the provider asks to be left alone', async () => {
    await providers.breakWith({ mode: 'rate_limited', retry_after_s: 17 });
    expect(await providers.streamFailure(kind)).toMatchObject({ retry_after_ms: 17_000 });
  });

  it.each([
    { mode: 'reset_mid_stream', failure: 'truncated' },
    { mode: 'malformed_sse', failure: 'invalid_response' },
    { mode: 'error_mid_stream', failure: 'overloaded' },
  ])('ends with a failure at $mode, after what came before', async ({ mode, failure }) => {
    const { text } = await providers.completion(kind);
    await providers.breakWith({ mode });
    const events = await providers.events(kind);
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { kind: failure, retryable: true } });
    expect(textOf(events).length).toBeGreaterThan(text.length / 4);
    expect(text.startsWith(textOf(events))).toBe(true);
    await connectionsClosed();
  });

  it.each(['missing_usage', 'hostile_usage'])('ends well without usage at %s', async (mode) => {
    await providers.breakWith({ mode });
    expect(wholeOf(await providers.events(kind))).toMatchObject({ finish_reason: 'stop', usage: null });
  });

  it('does not begin when nothing comes in time', async () => {
    await providers.breakWith({ mode: 'hang' });
    const failure = await providers.streamFailure(kind, { patience: { first_event_timeout_ms: 50 } });
    expect(failure).toMatchObject({ kind: 'timeout', retryable: true, message: 'No answer within 50 ms' });
    await connectionsClosed();
  });

  it('has begun in time when its first event came in time, however long it lasts', async () => {
    await providers.breakWith({ mode: 'slow', delay_ms: 20 });
    const request = { max_output_tokens: 80 };
    const events = await providers.events(kind, { request, patience: { first_event_timeout_ms: 250 } });
    expect(events.at(-1)?.type).toBe('done');
  });

  it('fails when it falls silent', async () => {
    await providers.breakWith({ mode: 'hang_mid_stream' });
    const events = await providers.events(kind, { patience: { idle_timeout_ms: 250 } });
    expect(textOf(events)).not.toBe('');
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      failure: { kind: 'timeout', retryable: true, message: 'No answer within 250 ms' },
    });
    await connectionsClosed();
  });

  it('is whole when its end was said, though the connection stays open', async () => {
    await providers.breakWith({ mode: 'stays_open' });
    const events = await providers.events(kind, { patience: { idle_timeout_ms: 250 } });
    expect(wholeOf(events)).toMatchObject({
      finish_reason: 'stop',
      usage: { output_tokens: expect.any(Number) },
    });
    await connectionsClosed();
  });

  it('does not take the time its reader takes for silence', async () => {
    const start = await providers.stream(kind, { patience: { idle_timeout_ms: 200 } });
    if (!start.ok) throw new Error(start.failure.message);
    const events: StreamEvent[] = [];
    for await (const event of start.events) {
      events.push(event);
      if (events.length === 3) await sleep(400);
    }
    expect(events.at(-1)?.type).toBe('done');
  });

  it('fails when its time as a whole is over, with what came until then', async () => {
    await providers.breakWith({ mode: 'slow', delay_ms: 20 });
    const events = await providers.events(kind, { target: { timeout_ms: 400 } });
    expect(textOf(events)).not.toBe('');
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { kind: 'timeout', retryable: true } });
    await connectionsClosed();
  });

  it('does not begin for a caller who has cancelled already', async () => {
    expect(await providers.streamFailure(kind, { signal: AbortSignal.abort() })).toMatchObject({
      retryable: false,
    });
    expect((await providers.requestsArrived()).total).toBe(0);
  });

  it('does not begin for a caller who cancels while waiting', async () => {
    await providers.breakWith({ mode: 'hang' });
    const failure = await providers.streamFailure(kind, { signal: AbortSignal.timeout(50) });
    expect(failure).toMatchObject({ kind: 'timeout', retryable: false });
    await connectionsClosed();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'closes its connection when it is left after %i events',
    async (count) => {
      await providers.breakWith({ mode: 'slow', delay_ms: 2 });
      const start = await providers.stream(kind);
      if (!start.ok) throw new Error(start.failure.message);
      let seen = 0;
      for await (const event of start.events) {
        expect(['text', 'input_told']).toContain(event.type);
        seen += 1;
        if (seen === count) break;
      }
      await connectionsClosed();
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('ends when its caller cancels after %i events', async (count) => {
    await providers.breakWith({ mode: 'slow', delay_ms: 2 });
    const caller = new AbortController();
    const start = await providers.stream(kind, { signal: caller.signal });
    if (!start.ok) throw new Error(start.failure.message);
    const events: StreamEvent[] = [];
    for await (const event of start.events) {
      events.push(event);
      if (events.length === count) caller.abort();
    }
    // An event that had arrived with others may still be handed over.
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { kind: 'timeout', retryable: false } });
    await connectionsClosed();
  });

  it('can be left while an event is being waited for', async () => {
    await providers.breakWith({ mode: 'slow', delay_ms: 800 });
    const start = await providers.stream(kind);
    if (!start.ok) throw new Error(start.failure.message);
    const events = start.events[Symbol.asyncIterator]();
    await events.next();
    const waiting = events.next();
    const left_at = performance.now();
    await events.return?.();
    await waiting;
    expect(performance.now() - left_at).toBeLessThan(400);
    expect((await events.next()).done).toBe(true);
    await connectionsClosed();
  });

  it('gives up a connection that nobody takes events from, when its time is over', async () => {
    await providers.breakWith({ mode: 'slow', delay_ms: 20 });
    const start = await providers.stream(kind, { target: { timeout_ms: 200 } });
    expect(start.ok).toBe(true);
    await sleep(250);
    await connectionsClosed();
  });
});
