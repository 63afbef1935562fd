import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { simulatedApis } from '../../../../dev/simulators/apis.ts';
import type { ScriptedAnswer } from '../../../../dev/simulators/script.ts';
import {
  type ScriptedUpstream,
  startScriptedUpstream,
} from '../../../../dev/simulators/scripted-upstream.ts';
import { startSimulators } from '../../../../dev/simulators/server.ts';
import type { EmbeddingRequest, VectorPiece } from '../../../../worker/providers/embedding/embedding.ts';
import { sizeOf, vectorOf } from '../../../../worker/providers/embedding/vector.ts';
import type { TaskEvent } from '../../../../worker/providers/failover/task-stream.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { setFault } from '../../../support/simulators.ts';

/** Adapters of embeddings, at simulated providers and at servers that follow a script. */

let simulators: Awaited<ReturnType<typeof startSimulators>>;
let upstream: ScriptedUpstream;
beforeAll(async () => {
  [simulators, upstream] = await Promise.all([startSimulators(), startScriptedUpstream()]);
});
afterAll(() => Promise.all([simulators.stop(), upstream.stop()]));
afterEach(() => fetch(`${simulators.origin}/_control/reset`, { method: 'POST' }));

const kinds = ['openai', 'google'] as const;
type Kind = (typeof kinds)[number] | 'anthropic' | 'deepseek';

const texts = (...items: string[]): EmbeddingRequest['input'] => ({ of: 'texts', items });

type Options = {
  request?: Partial<EmbeddingRequest>;
  base_url?: string;
  signal?: AbortSignal;
  timeout_ms?: number;
};

/** Embeds two texts. Returns the vectors and the usage, or the failure. */
async function embed(kind: Kind, { request, base_url, signal, timeout_ms = 5_000 }: Options = {}) {
  const target = {
    ...{ kind, secret: 'sk-test-1234567890', timeout_ms, provider_id: crypto.randomUUID() },
    base_url: base_url ?? `${simulators.origin}${simulatedApis[kind].base_path}`,
  };
  const stream = await providerClient(target).embed(
    { model: 'any-model', input: texts('Hello', 'World'), ...request },
    signal ?? new AbortController().signal,
    { first_event_timeout_ms: timeout_ms, idle_timeout_ms: timeout_ms },
  );
  if (!stream.ok) return { failure: stream.failure, vectors: [], usage: null };
  const events: TaskEvent<VectorPiece>[] = [];
  for await (const event of stream.events) events.push(event);
  const end = events.at(-1);
  return {
    vectors: events.flatMap((event) => (event.type === 'vector' ? [event.vector] : [])),
    usage: end?.type === 'done' ? end.usage : null,
    failure: end?.type === 'failed' ? end.failure : null,
  };
}

describe.each(kinds)('the simulated %s', (kind) => {
  it('embeds each text into a vector, the same for the same text, and reports the input', async () => {
    const { vectors, usage, failure } = await embed(kind, { request: { input: texts('a', 'b', 'a') } });
    expect(failure).toBeNull();
    expect(vectors).toHaveLength(3);
    expect(vectors[0]).toBe(vectors[2]);
    expect(vectors[0]).not.toBe(vectors[1]);
    expect(usage).toMatchObject({ input_tokens: 3, output_tokens: 0 });
  });

  it('shortens vectors to the dimensions of the request', async () => {
    const { vectors } = await embed(kind, { request: { dimensions: 256 } });
    expect(vectors.map(sizeOf)).toEqual([256, 256]);
  });

  it('embeds more texts than it takes in one call', async () => {
    const items = Array.from({ length: 1_100 }, (_, at) => `text ${at}`);
    const { vectors, usage } = await embed(kind, { request: { input: texts(...items), dimensions: 4 } });
    expect(new Set(vectors).size).toBe(items.length);
    expect(usage?.input_tokens).toBe(items.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0));
  });

  it.each(['missing_usage', 'hostile_usage'])('has no usage at %s', async (mode) => {
    await setFault(simulators.origin, kind, mode);
    expect(await embed(kind)).toMatchObject({ usage: null, failure: null, vectors: { length: 2 } });
  });

  it.each([
    ['rate_limited', 'rate_limited'],
    ['server_error', 'overloaded'],
    ['overloaded', 'overloaded'],
    ['reset_before', 'network'],
    ['reset_mid_stream', 'truncated'],
    ['malformed_sse', 'invalid_response'],
    ['empty_body', 'invalid_response'],
    ['not_found', 'invalid_request'],
  ])('that has the fault %s fails with %s, and another provider may answer', async (mode, failure) => {
    await setFault(simulators.origin, kind, mode);
    expect((await embed(kind)).failure).toMatchObject({ kind: failure, retryable: true });
  });

  it('that hangs is left when its time is over, and when the caller leaves', async () => {
    await setFault(simulators.origin, kind, 'hang');
    expect((await embed(kind, { timeout_ms: 300 })).failure).toMatchObject({
      kind: 'timeout',
      retryable: true,
    });
    const signal = AbortSignal.timeout(100);
    expect((await embed(kind, { signal })).failure).toMatchObject({ kind: 'timeout', retryable: false });
  });
});

it('OpenAI takes tokens in place of texts; Google does not', async () => {
  const input = { of: 'tokens' as const, items: [[1, 2, 3], [4]] };
  expect(await embed('openai', { request: { input } })).toMatchObject({
    vectors: { length: 2 },
    usage: { input_tokens: 4 },
  });
  expect((await embed('google', { request: { input } })).failure).toMatchObject({ kind: 'invalid_request' });
});

it.each(['anthropic', 'deepseek'] as const)('%s has no embeddings', async (kind) => {
  expect((await embed(kind)).failure).toMatchObject({ kind: 'invalid_request', retryable: true });
});

/** Embeds two texts at a compatible server. Returns what it was asked beside the result. */
async function embedAt(...answers: ScriptedAnswer[]) {
  const { id, base_url } = upstream.add({ answers });
  const embedded = await embed('openai', { base_url: `${base_url}/v1` });
  return { ...embedded, bodies: upstream.requests(id).map(({ body }) => body) };
}
const item = (index: number, embedding: unknown) => ({ object: 'embedding', index, embedding });
const list = (...data: unknown[]) => ({ object: 'list', data, usage: { prompt_tokens: 2, total_tokens: 2 } });

describe('a compatible server', () => {
  it('may answer with lists of numbers, in any order, although it is asked for base64', async () => {
    const { vectors, bodies } = await embedAt({ body: list(item(1, [2]), item(0, [1])) });
    expect(vectors).toEqual([vectorOf([1]), vectorOf([2])]);
    expect(bodies).toMatchObject([{ encoding_format: 'base64' }]);
  });

  it('that refuses base64 is asked without it within the same attempt', async () => {
    const { vectors, bodies } = await embedAt(
      {
        when: { present: ['encoding_format'] },
        status: 400,
        body: { object: 'error', message: 'base64 encoding is not currently supported', code: 400 },
      },
      { body: list(item(0, [1]), item(1, [2])) },
    );
    expect(vectors).toHaveLength(2);
    expect(bodies).toHaveLength(2);
    expect(bodies[1]).not.toHaveProperty('encoding_format');
  });

  it('that answers a request for base64 with nothing is asked without it', async () => {
    const { vectors, bodies } = await embedAt(
      { when: { present: ['encoding_format'] }, body: list() },
      { body: list(item(0, [1]), item(1, [2])) },
    );
    expect([vectors.length, bodies.length]).toEqual([2, 2]);
  });

  it('may count no input: then nothing is taken as reported', async () => {
    const body = { ...list(item(0, [1]), item(1, [2])), usage: { prompt_tokens: 0, total_tokens: 0 } };
    expect(await embedAt({ body })).toMatchObject({ usage: null, vectors: { length: 2 } });
  });

  it.each([
    [
      'an error with a status of success',
      { error: { message: 'CUDA out of memory', code: 500 } },
      'overloaded',
    ],
    ['fewer vectors than texts', list(item(0, [1])), 'invalid_response'],
    ['a vector of texts', list(item(0, ['1']), item(1, ['2'])), 'invalid_response'],
    ['no list', { object: 'list' }, 'invalid_response'],
  ])('that answers with %s fails', async (_name, body, kind) => {
    expect((await embedAt({ body })).failure).toMatchObject({ kind, retryable: true });
  });

  it('that refuses the input is not asked again', async () => {
    const body = { error: { message: 'input: too strange', type: 'invalid_request_error' } };
    const { failure, bodies } = await embedAt({ status: 400, body });
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: false });
    expect(bodies).toHaveLength(1);
  });
});
