import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { providerKindIds } from '../../../contracts/catalog/provider-kinds.ts';
import { simulatedProviders } from './simulated-provider.ts';
import { say } from './wire-cases.ts';

let providers: Awaited<ReturnType<typeof simulatedProviders>>;
beforeAll(async () => {
  providers = await simulatedProviders();
});
afterAll(() => providers.stop());
afterEach(() => providers.reset());

describe.each(providerKindIds)('the %s adapter', (kind) => {
  it('returns the answer, why it ended, and what it used', async () => {
    const completion = await providers.completion(kind);
    expect(completion.text).toContain('How do I bake bread?');
    expect(completion.finish_reason).toBe('stop');
    const cache_read_tokens = kind === 'deepseek' ? 2 : 0;
    expect(completion.usage).toEqual({
      // 15 and 20 bytes at four bytes per token, and four tokens around each of the two turns.
      input_tokens: 4 + 5 + 8 - cache_read_tokens,
      cache_read_tokens,
      cache_write_tokens: 0,
      output_tokens: Math.ceil(Buffer.byteLength(completion.text) / 4),
      reasoning_tokens: 0,
    });
  });

  it('reads an answer in one piece from a server that does not stream', async () => {
    // Only a stream tells its input before the answer.
    const { input_told: _early, ...streamed } = await providers.completion(kind);
    await providers.breakWith({ mode: 'none', unstreamed: true });
    expect(await providers.completion(kind)).toEqual(streamed);
    expect((await providers.requestsArrived()).requests).toMatchObject([{ stream: true }, { stream: true }]);
  });

  it('always tells the provider the most it may write, and says when that cut the answer', async () => {
    const completion = await providers.completion(kind, { request: { max_output_tokens: 10 } });
    expect(completion.finish_reason).toBe('length');
    expect(completion.usage?.output_tokens).toBe(10);
    expect((await providers.requestsArrived()).requests[0]).toMatchObject({
      max_output_tokens: 10,
      model: 'any-model',
    });
  });

  it('sends a conversation in which one side speaks twice', async () => {
    const messages = say(
      ['user', 'One'],
      ['assistant', 'Two'],
      ['assistant', 'Three'],
      ['user', 'Four'],
      ['user', 'Five'],
    );
    expect((await providers.completion(kind, { request: { messages } })).text).toContain('Five');
  });

  it('does not refuse a large output limit before it calls', async () => {
    expect(
      (await providers.completion(kind, { request: { max_output_tokens: 200_000 } })).finish_reason,
    ).toBe('stop');
  });

  it.each([
    { mode: 'server_error', status: 500, failure: 'overloaded' },
    {
      mode: 'overloaded',
      status: { openai: 503, anthropic: 529, google: 503, deepseek: 503 }[kind],
      failure: 'overloaded',
    },
    { mode: 'rate_limited', status: 429, failure: 'rate_limited' },
    { mode: 'reset_before', status: null, failure: 'network' },
    { mode: 'reset_mid_stream', status: 200, failure: 'truncated' },
    { mode: 'malformed_sse', status: 200, failure: 'invalid_response' },
    { mode: 'empty_body', status: 200, failure: 'invalid_response' },
    {
      mode: 'error_first',
      status: { openai: 500, anthropic: 529, google: 503, deepseek: 500 }[kind],
      failure: 'overloaded',
    },
    {
      mode: 'error_mid_stream',
      status: { openai: 500, anthropic: 529, google: 503, deepseek: 500 }[kind],
      failure: 'overloaded',
    },
  ])('calls $mode a retryable failure, after one call and not more', async ({ mode, status, failure }) => {
    await providers.breakWith({ mode });
    expect(await providers.failure(kind)).toMatchObject({
      kind: failure,
      status,
      retryable: true,
      retry_after_ms: null,
    });
    expect((await providers.requestsArrived()).total).toBe(1);
  });

  it.each([
    { mode: 'reset_mid_stream', status: 200, failure: 'truncated' },
    { mode: 'malformed_sse', status: 200, failure: 'invalid_response' },
    {
      mode: 'error_first',
      status: { openai: 503, anthropic: 529, google: 503, deepseek: 503 }[kind],
      failure: 'overloaded',
    },
  ])(
    'calls $mode a retryable failure of a server that does not stream',
    async ({ mode, status, failure }) => {
      await providers.breakWith({ mode, unstreamed: true });
      expect(await providers.failure(kind)).toMatchObject({ kind: failure, status, retryable: true });
      expect((await providers.requestsArrived()).total).toBe(1);
    },
  );

  it.each(['missing_usage', 'hostile_usage'])(
    'returns the answer of a server that does not stream without usage at %s',
    async (mode) => {
      await providers.breakWith({ mode, unstreamed: true });
      const completion = await providers.completion(kind);
      expect(completion.text).toContain('How do I bake bread?');
      expect(completion.usage).toBeNull();
    },
  );

  it('passes on how long the provider asks to be left alone', async () => {
    await providers.breakWith({ mode: 'rate_limited', retry_after_s: 17 });
    expect(await providers.failure(kind)).toMatchObject({ kind: 'rate_limited', retry_after_ms: 17_000 });
  });

  it.each(['hang', 'hang_mid_stream'])('ends a call at %s when its time is over', async (mode) => {
    await providers.breakWith({ mode });
    expect(await providers.failure(kind, { target: { timeout_ms: 100 } })).toMatchObject({
      kind: 'timeout',
      retryable: true,
      status: null,
    });
  });

  it('ends a call that hangs when the caller cancels it, and does not ask for another try', async () => {
    await providers.breakWith({ mode: 'hang' });
    const failure = await providers.failure(kind, { signal: AbortSignal.timeout(50) });
    expect(failure).toMatchObject({ kind: 'timeout', retryable: false });
  });

  it('makes no call for a caller who has cancelled already', async () => {
    expect(await providers.failure(kind, { signal: AbortSignal.abort() })).toMatchObject({
      retryable: false,
    });
    expect((await providers.requestsArrived()).total).toBe(0);
  });

  it('waits for a slow answer', async () => {
    await providers.breakWith({ mode: 'slow', delay_ms: 10 });
    expect((await providers.completion(kind)).finish_reason).toBe('stop');
  });

  it.each(['missing_usage', 'hostile_usage'])('returns the answer without usage at %s', async (mode) => {
    await providers.breakWith({ mode });
    const completion = await providers.completion(kind);
    expect(completion.text).toContain('How do I bake bread?');
    expect(completion.usage).toBeNull();
  });

  it('calls a refused key our credential’s fault, and quotes no key', async () => {
    const failure = await providers.failure(kind, { target: { secret: 'invalid-key' } });
    expect(failure).toMatchObject({
      kind: 'authentication',
      retryable: true,
      status: kind === 'google' ? 400 : 401,
    });
    expect(failure.message).not.toContain('invalid-key');
  });

  it.each(['', 'two\nlines', 'ключ'])(
    'calls no one with the key %j, which no header can carry',
    async (secret) => {
      const failure = await providers.failure(kind, { target: { secret } });
      expect(failure).toMatchObject({ kind: 'authentication', status: null });
      if (secret !== '') expect(failure.message).not.toContain(secret);
      expect((await providers.requestsArrived()).total).toBe(0);
    },
  );

  it('calls an unknown model our configuration’s fault, so that the next candidate is asked', async () => {
    const failure = await providers.failure(kind, { request: { model: 'missing-model' } });
    expect(failure).toMatchObject({
      kind: 'invalid_request',
      retryable: true,
      status: kind === 'deepseek' ? 400 : 404,
    });
  });

  it('calls a request the provider refuses the request’s fault, so that nobody else is asked', async () => {
    const failure = await providers.failure(kind, { request: { max_output_tokens: -1 } });
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: false, status: 400 });
  });

  it('calls a server that is not there a network failure', async () => {
    const failure = await providers.failure(kind, { target: { base_url: 'http://127.0.0.1:1' } });
    expect(failure).toMatchObject({ kind: 'network', retryable: true, status: null });
  });
});
