import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimulators } from '../../../dev/simulators/server.ts';
import { createProvider } from '../../../worker/providers/create-provider.ts';
import type { NeutralRequest, ProviderTarget } from '../../../worker/providers/provider.ts';
import { say } from './wire-cases.ts';

const basePaths = { openai: '/openai/v1', anthropic: '/anthropic', google: '/google' } as const;
const kinds = ['openai', 'anthropic', 'google'] as const;
type Kind = (typeof kinds)[number];

let simulators: Awaited<ReturnType<typeof startSimulators>>;
beforeAll(async () => {
  simulators = await startSimulators();
});
afterAll(() => simulators.stop());
afterEach(async () => {
  await fetch(`${simulators.origin}/_control/reset`, { method: 'POST' });
});

const question: NeutralRequest = {
  model: 'any-model',
  messages: say(['system', 'Answer briefly.'], ['user', 'How do I bake bread?']),
  max_output_tokens: 500,
};

function ask(
  kind: Kind,
  options: { target?: Partial<ProviderTarget>; request?: Partial<NeutralRequest>; signal?: AbortSignal } = {},
) {
  const base_url = `${simulators.origin}${basePaths[kind]}`;
  const target = { kind, base_url, api_key: 'sk-test-1234567890', timeout_ms: 5_000, ...options.target };
  return createProvider(target).complete(
    { ...question, ...options.request },
    options.signal ?? new AbortController().signal,
  );
}

async function failureOf(asked: ReturnType<typeof ask>) {
  const result = await asked;
  if (result.ok) throw new Error(`It succeeded with: ${result.completion.text}`);
  return result.failure;
}

async function completionOf(asked: ReturnType<typeof ask>) {
  const result = await asked;
  if (!result.ok) throw new Error(`It failed with: ${result.failure.message}`);
  return result.completion;
}

async function breakWith(fault: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${simulators.origin}/_control/faults`, {
    method: 'PUT',
    body: JSON.stringify({ provider: 'all', ...fault }),
  });
  expect(answer.status).toBe(200);
}

async function requestsArrived() {
  const answer = await fetch(`${simulators.origin}/_control/requests`);
  return (await answer.json()) as { total: number; requests: { max_output_tokens: number; model: string }[] };
}

describe.each(kinds)('the %s adapter', (kind) => {
  it('returns the answer, why it ended, and what it used', async () => {
    const completion = await completionOf(ask(kind));
    expect(completion.text).toContain('How do I bake bread?');
    expect(completion.finish_reason).toBe('stop');
    expect(completion.usage).toEqual({
      // 15 and 20 bytes at four bytes per token, and four tokens around each of the two turns.
      input_tokens: 4 + 5 + 8,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      output_tokens: Math.ceil(Buffer.byteLength(completion.text) / 4),
      reasoning_tokens: 0,
    });
  });

  it('always tells the provider the most it may write, and says when that cut the answer', async () => {
    const completion = await completionOf(ask(kind, { request: { max_output_tokens: 10 } }));
    expect(completion.finish_reason).toBe('length');
    expect(completion.usage?.output_tokens).toBe(10);
    expect((await requestsArrived()).requests[0]).toMatchObject({
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
    expect((await completionOf(ask(kind, { request: { messages } }))).text).toContain('Five');
  });

  it('does not refuse a large output limit before it calls', async () => {
    expect((await completionOf(ask(kind, { request: { max_output_tokens: 200_000 } }))).finish_reason).toBe(
      'stop',
    );
  });

  it.each([
    { mode: 'server_error', status: 500, failure: 'overloaded' },
    { mode: 'overloaded', status: { openai: 503, anthropic: 529, google: 503 }[kind], failure: 'overloaded' },
    { mode: 'rate_limited', status: 429, failure: 'rate_limited' },
    { mode: 'reset_before', status: null, failure: 'network' },
    { mode: 'reset_mid_stream', status: null, failure: 'network' },
    { mode: 'malformed_sse', status: 200, failure: 'invalid_response' },
    { mode: 'empty_body', status: 200, failure: 'invalid_response' },
    {
      mode: 'error_first',
      status: { openai: 503, anthropic: 529, google: 503 }[kind],
      failure: 'overloaded',
    },
  ])('calls $mode a retryable failure, after one call and not more', async ({ mode, status, failure }) => {
    await breakWith({ mode });
    expect(await failureOf(ask(kind))).toMatchObject({
      kind: failure,
      status,
      retryable: true,
      retry_after_ms: null,
    });
    expect((await requestsArrived()).total).toBe(1);
  });

  it('passes on how long the provider asks to be left alone', async () => {
    await breakWith({ mode: 'rate_limited', retry_after_s: 17 });
    expect(await failureOf(ask(kind))).toMatchObject({ kind: 'rate_limited', retry_after_ms: 17_000 });
  });

  it('ends a call that hangs when its time is over', async () => {
    await breakWith({ mode: 'hang' });
    expect(await failureOf(ask(kind, { target: { timeout_ms: 100 } }))).toMatchObject({
      kind: 'timeout',
      retryable: true,
      status: null,
    });
  });

  it('ends a call that hangs when the caller cancels it, and does not ask for another try', async () => {
    await breakWith({ mode: 'hang' });
    const failure = await failureOf(ask(kind, { signal: AbortSignal.timeout(50) }));
    expect(failure).toMatchObject({ kind: 'timeout', retryable: false });
  });

  it('makes no call for a caller who has cancelled already', async () => {
    expect(await failureOf(ask(kind, { signal: AbortSignal.abort() }))).toMatchObject({ retryable: false });
    expect((await requestsArrived()).total).toBe(0);
  });

  it('waits for a slow answer', async () => {
    await breakWith({ mode: 'slow', delay_ms: 100 });
    expect((await completionOf(ask(kind))).finish_reason).toBe('stop');
  });

  it.each(['missing_usage', 'hostile_usage'])('returns the answer without usage at %s', async (mode) => {
    await breakWith({ mode });
    const completion = await completionOf(ask(kind));
    expect(completion.text).toContain('How do I bake bread?');
    expect(completion.usage).toBeNull();
  });

  it('calls a refused key our credential’s fault, and quotes no key', async () => {
    const failure = await failureOf(ask(kind, { target: { api_key: 'invalid-key' } }));
    expect(failure).toMatchObject({
      kind: 'authentication',
      retryable: true,
      status: kind === 'google' ? 400 : 401,
    });
    expect(failure.message).not.toContain('invalid-key');
  });

  it.each(['', 'two\nlines', 'ключ'])(
    'calls no one with the key %j, which no header can carry',
    async (api_key) => {
      const failure = await failureOf(ask(kind, { target: { api_key } }));
      expect(failure).toMatchObject({ kind: 'authentication', status: null });
      if (api_key !== '') expect(failure.message).not.toContain(api_key);
      expect((await requestsArrived()).total).toBe(0);
    },
  );

  it('calls an unknown model our configuration’s fault, so that the next candidate is asked', async () => {
    const failure = await failureOf(ask(kind, { request: { model: 'missing-model' } }));
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: true, status: 404 });
  });

  it('calls a request the provider refuses the request’s fault, so that nobody else is asked', async () => {
    const failure = await failureOf(ask(kind, { request: { max_output_tokens: -1 } }));
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: false, status: 400 });
  });

  it('calls a server that is not there a network failure', async () => {
    const failure = await failureOf(ask(kind, { target: { base_url: 'http://127.0.0.1:1' } }));
    expect(failure).toMatchObject({ kind: 'network', retryable: true, status: null });
  });
});
