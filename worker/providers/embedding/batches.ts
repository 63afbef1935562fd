import type { Usage } from '../../../contracts/usage.ts';
import type { TaskEvent, TaskStream } from '../failover/task-stream.ts';
import type { ProviderFailure } from '../provider.ts';
import { invalidResponse } from '../transport/failure.ts';
import { type EmbeddingInput, NUMBERS_MAX, type Vector, type VectorPiece } from './embedding.ts';
import { sizeOf } from './vector.ts';

/** The answer to one call: a vector for each input, in their order, and the input tokens if the provider told them. */
export type EmbeddedBatch = { vectors: Vector[]; input_tokens: number | null };

type EmbedBatch = (
  input: EmbeddingInput,
  timeout_ms: number,
) => Promise<{ ok: true; value: EmbeddedBatch } | { ok: false; failure: ProviderFailure }>;

/** Cuts an input into parts of at most `size` items, in their order. Pure. */
export function batchesOf(input: EmbeddingInput, size: number): [EmbeddingInput, ...EmbeddingInput[]] {
  const count = Math.max(1, Math.ceil(input.items.length / size));
  const part = (at: number): EmbeddingInput => {
    const [from, to] = [at * size, (at + 1) * size];
    return input.of === 'texts'
      ? { of: 'texts', items: input.items.slice(from, to) }
      : { of: 'tokens', items: input.items.slice(from, to) };
  };
  return [part(0), ...Array.from({ length: count - 1 }, (_, index) => part(index + 1))];
}

/** The usage of an embedding: its input, since an answer of vectors has no tokens. */
const usageOfInput = (input_tokens: number): Usage => ({
  ...{ input_tokens, cache_read_tokens: 0, cache_write_tokens: 0 },
  ...{ output_tokens: 0, reasoning_tokens: 0 },
});

const tooLarge = invalidResponse('The vectors are larger than any model makes them');

/** Returns the failure of a batch whose vectors do not fit its input, or are too many to hold; else null. */
function faultOf(
  batch: EmbeddedBatch,
  input: EmbeddingInput,
  numbers_before: number,
): ProviderFailure | null {
  if (batch.vectors.length !== input.items.length)
    return invalidResponse(`The answer has ${batch.vectors.length} vectors for ${input.items.length} inputs`);
  return numbers_before + numbersIn(batch) > NUMBERS_MAX ? tooLarge : null;
}

const numbersIn = ({ vectors }: EmbeddedBatch): number =>
  vectors.reduce((sum, vector) => sum + sizeOf(vector), 0);

/**
 * Embeds an input batch by batch, one call after the other, since providers limit the items of a call. A failure of the first batch is
 * one of the start; a later one ends the stream. All calls together have `timeout_ms`.
 */
export async function embedInBatches(
  input: EmbeddingInput,
  { size, timeout_ms }: { size: number; timeout_ms: number },
  embed: EmbedBatch,
): Promise<TaskStream<VectorPiece>> {
  const deadline_ms = Date.now() + timeout_ms;
  const [first, ...others] = batchesOf(input, size);
  const ask = (batch: EmbeddingInput) => embed(batch, Math.max(1, deadline_ms - Date.now()));
  const begun = await ask(first);
  if (!begun.ok) return begun;
  const fault = faultOf(begun.value, first, 0);
  if (fault !== null) return { ok: false, failure: fault };
  return { ok: true, events: eventsOf(begun.value, others, ask) };
}

async function* eventsOf(
  first: EmbeddedBatch,
  others: readonly EmbeddingInput[],
  ask: (batch: EmbeddingInput) => ReturnType<EmbedBatch>,
): AsyncGenerator<TaskEvent<VectorPiece>> {
  yield* piecesOf(first);
  let numbers = numbersIn(first);
  let input_tokens = first.input_tokens;
  for (const batch of others) {
    const answer = await ask(batch);
    const failure = answer.ok ? faultOf(answer.value, batch, numbers) : answer.failure;
    if (!answer.ok || failure !== null) {
      yield { type: 'failed', failure: failure ?? tooLarge };
      return;
    }
    yield* piecesOf(answer.value);
    numbers += numbersIn(answer.value);
    const more = answer.value.input_tokens;
    input_tokens = input_tokens === null || more === null ? null : input_tokens + more;
  }
  const usage = input_tokens === null ? null : usageOfInput(input_tokens);
  yield { type: 'done', finish_reason: null, usage };
}

function* piecesOf({ vectors }: EmbeddedBatch): Generator<VectorPiece> {
  for (const vector of vectors) yield { type: 'vector', vector };
}
