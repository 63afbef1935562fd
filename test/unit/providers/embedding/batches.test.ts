import { describe, expect, it } from 'vitest';
import {
  batchesOf,
  type EmbeddedBatch,
  embedInBatches,
} from '../../../../worker/providers/embedding/batches.ts';
import type { EmbeddingInput, VectorPiece } from '../../../../worker/providers/embedding/embedding.ts';
import { NUMBERS_MAX } from '../../../../worker/providers/embedding/embedding.ts';
import { vectorOf } from '../../../../worker/providers/embedding/vector.ts';
import type { TaskEvent } from '../../../../worker/providers/failover/task-stream.ts';
import { failureOfStatus } from '../../../../worker/providers/transport/failure.ts';

const texts = (count: number): EmbeddingInput => ({
  of: 'texts',
  items: Array.from({ length: count }, (_, at) => String(at)),
});
const vectorFor = (text: unknown) => vectorOf([Number(text) + 1]);
const embedded = ({ items }: EmbeddingInput, input_tokens: number | null = items.length): EmbeddedBatch => ({
  vectors: items.map(vectorFor),
  input_tokens,
});
const busy = failureOfStatus({ status: 503, message: 'busy', retry_after_ms: null });

/** Embeds an input by calls that `answer` gives, three items each. Returns the calls and the events, or the failure of the start. */
async function embed(
  input: EmbeddingInput,
  answer: (batch: EmbeddingInput, call: number) => EmbeddedBatch | typeof busy,
) {
  const calls: number[] = [];
  const stream = await embedInBatches(input, { size: 3, timeout_ms: 5_000 }, async (batch) => {
    calls.push(batch.items.length);
    const value = answer(batch, calls.length);
    return 'vectors' in value ? { ok: true, value } : { ok: false, failure: value };
  });
  const events: TaskEvent<VectorPiece>[] = [];
  if (stream.ok) for await (const event of stream.events) events.push(event);
  return { calls, events, failure: stream.ok ? null : stream.failure };
}

const vectorsIn = (events: TaskEvent<VectorPiece>[]) =>
  events.flatMap((event) => (event.type === 'vector' ? [event.vector] : []));

describe('an input of many items', () => {
  it('is cut into parts of at most so many, in their order', () => {
    expect(batchesOf(texts(7), 3).map(({ items }) => items)).toEqual([
      ['0', '1', '2'],
      ['3', '4', '5'],
      ['6'],
    ]);
    expect(batchesOf({ of: 'tokens', items: [[1], [2]] }, 1)).toEqual([
      { of: 'tokens', items: [[1]] },
      { of: 'tokens', items: [[2]] },
    ]);
  });

  it('is embedded call by call, and its usage is the sum of theirs', async () => {
    const { calls, events } = await embed(texts(7), (batch) => embedded(batch));
    expect(calls).toEqual([3, 3, 1]);
    expect(vectorsIn(events)).toEqual(texts(7).items.map(vectorFor));
    expect(events.at(-1)).toMatchObject({ type: 'done', finish_reason: null, usage: { input_tokens: 7 } });
  });

  it('has no reported usage if one of the calls reports none', async () => {
    const { events } = await embed(texts(4), (batch, call) => embedded(batch, call === 1 ? 3 : null));
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: null });
  });

  it('fails at its start by the first call, and as a stream by a later one', async () => {
    expect(await embed(texts(4), () => busy)).toMatchObject({ failure: { kind: 'overloaded' }, events: [] });
    const later = await embed(texts(4), (batch, call) => (call === 1 ? embedded(batch) : busy));
    expect(later.events.at(-1)).toMatchObject({ type: 'failed', failure: { kind: 'overloaded' } });
  });

  it.each([
    [
      'fewer vectors',
      (batch: EmbeddingInput) => embedded({ of: 'texts', items: batch.items.slice(1) as string[] }),
    ],
    [
      'more vectors',
      (batch: EmbeddingInput) => embedded({ of: 'texts', items: ['0', ...batch.items] as string[] }),
    ],
    [
      'vectors of millions of numbers',
      (batch: EmbeddingInput) => ({
        vectors: batch.items.map(() => 'A'.repeat((NUMBERS_MAX * 16) / 3)),
        input_tokens: 1,
      }),
    ],
  ])('is not taken with %s than it has items', async (_name, answer) => {
    const { failure } = await embed(texts(2), answer);
    expect(failure).toMatchObject({ kind: 'invalid_response', retryable: true });
  });
});
