import { type EmbeddedBatch, embedInBatches } from '../embedding/batches.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../embedding/embedding.ts';
import { readVector } from '../embedding/vector.ts';
import { fieldsOf, requiredCount } from '../metering/reported-usage.ts';
import type { Adapter } from '../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../transport/adjustments.ts';
import { type Asked, askWhole } from '../transport/ask-whole.ts';
import { configurationFault, invalidResponse } from '../transport/failure.ts';
import { jsonOf } from '../transport/stream-reader.ts';
import { readGoogleError } from './answer.ts';
import { impossibleModel, pathOf, post, readError } from './call.ts';
import { isModelName } from './request.ts';

/** Calls Google's batchEmbedContents (ai.google.dev/api/embeddings). */

/** The most texts of one call. */
const BATCH_ITEMS = 100;

const tokensNotTaken = configurationFault({
  status: 400,
  message: 'Google embeds texts, not tokens',
  retry_after_ms: null,
});

/** Writes the request for texts. Pure. */
export const embedParams = (
  { model, dimensions, task_type, title }: EmbeddingRequest,
  texts: readonly string[],
) => ({
  requests: texts.map((text) => ({
    model: pathOf(model),
    content: { parts: [{ text }] },
    ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    ...(task_type !== undefined && { taskType: task_type }),
    ...(title !== undefined && { title }),
  })),
});

/** Reads the body of an answer. Older models report no usage. Pure. */
export function readEmbeddings(body: unknown): Asked<EmbeddedBatch> {
  const { error, embeddings, usageMetadata } = fieldsOf(body) ?? {};
  if (error !== undefined) return { ok: false, failure: readGoogleError(error, null) };
  const vectors = Array.isArray(embeddings)
    ? embeddings.map((embedding: unknown) => readVector(fieldsOf(embedding)?.values))
    : [null];
  const read = vectors.flatMap((vector) => (vector === null ? [] : [vector]));
  if (read.length < vectors.length)
    return { ok: false, failure: invalidResponse('The body is not a list of vectors') };
  const input_tokens = requiredCount(fieldsOf(usageMetadata)?.promptTokenCount) || null;
  return { ok: true, value: { vectors: read, input_tokens } };
}

/** Embeds texts by Google. Its models cannot be asked by tokens. */
export const embedByGoogle: NonNullable<Adapter['embed']> = async (
  target,
  request,
  callerSignal,
  patience,
) => {
  if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
  const method = `${pathOf(request.model)}:batchEmbedContents`;
  const askBatch = async (input: EmbeddingInput, timeout_ms: number): Promise<Asked<EmbeddedBatch>> => {
    if (input.of === 'tokens') return { ok: false, failure: tokensNotTaken };
    const body = adjusted(embedParams(request, input.items), adjustmentsOf(target.settings));
    return askWhole({ ...target, timeout_ms }, callerSignal, patience, {
      readError,
      open: (signal) => post(target, { method, body }, signal),
      read: async (response) => readEmbeddings(jsonOf(await response.text())),
    });
  };
  return embedInBatches(request.input, { size: BATCH_ITEMS, timeout_ms: target.timeout_ms }, askBatch);
};
