import { type EmbeddedBatch, embedInBatches } from '../embedding/batches.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../embedding/embedding.ts';
import { readVector } from '../embedding/vector.ts';
import { fieldsOf, requiredCount } from '../metering/reported-usage.ts';
import type { Adapter } from '../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../transport/adjustments.ts';
import { type Asked, askWhole } from '../transport/ask-whole.ts';
import { bodyError, failureOfBody } from '../transport/body-error.ts';
import { invalidResponse } from '../transport/failure.ts';
import { preparedPost } from '../transport/prepared-post.ts';
import { postAdjusted } from '../transport/quirks.ts';
import { jsonOf } from '../transport/stream-reader.ts';
import { readChatError, readOpenAiInBandError } from './errors.ts';
import { sdk } from './sdk.ts';

/** Calls OpenAI's embeddings, at OpenAI or at a compatible server. */

/** Items of one call. OpenAI takes 2,048; the vectors of so many would not fit into memory at once. */
const BATCH_ITEMS = 512;

const post = preparedPost('/embeddings', sdk);

/** Said of servers that answer a request for base64 with a success that holds nothing (openrouter.ai, July 2026). */
const NO_VECTORS = 'The answer holds no vectors';

/** The request as OpenAI documents it (platform.openai.com/docs/api-reference/embeddings). */
const paramsOf = ({ model, dimensions, user }: EmbeddingRequest, { items }: EmbeddingInput) => ({
  ...{ model, input: items, encoding_format: 'base64' },
  ...(dimensions !== undefined && { dimensions }),
  ...(user !== undefined && { user }),
});

/** Returns the input tokens that an answer reports; null if it reports none, or zero, which no input has. */
function inputTokensOf(usage: unknown): number | null {
  const { prompt_tokens, total_tokens } = fieldsOf(usage) ?? {};
  return requiredCount(prompt_tokens) || requiredCount(total_tokens) || null;
}

/** The place of a vector among those of its call: servers may answer in any order. */
const indexOf = (item: unknown, at: number): number => requiredCount(fieldsOf(item)?.index) ?? at;

/** Reads the body of an answer. Pure. */
export function readEmbeddings(body: unknown): Asked<EmbeddedBatch> {
  const fields = fieldsOf(body);
  const error = fields === null || Array.isArray(fields.data) ? undefined : bodyError(fields);
  if (error !== undefined)
    return { ok: false, failure: failureOfBody(readOpenAiInBandError(error), body) };
  if (fields === null || !Array.isArray(fields.data))
    return { ok: false, failure: invalidResponse('The body is not a list of vectors') };
  if (fields.data.length === 0) return { ok: false, failure: invalidResponse(NO_VECTORS) };
  const placed = fields.data
    .map((item: unknown, at: number) => ({ index: indexOf(item, at), vector: readVector(fieldsOf(item)?.embedding) }))
    .sort((one, other) => one.index - other.index);
  const vectors = placed.flatMap(({ vector }) => (vector === null ? [] : [vector]));
  if (vectors.length < placed.length)
    return { ok: false, failure: invalidResponse('A vector is neither base64 nor a list of numbers') };
  return { ok: true, value: { vectors, input_tokens: inputTokensOf(fields.usage) } };
}

/** Asks for vectors in base64, and in the server's own form within the same attempt if it answers that with nothing. */
export const embedByOpenAi: NonNullable<Adapter['embed']> = (target, request, callerSignal, patience) => {
  const owner = { provider_id: target.provider_id, model: request.model };
  return embedInBatches(
    request.input,
    { size: BATCH_ITEMS, timeout_ms: target.timeout_ms },
    async (input, timeout_ms) => {
      const ask = (body: object) =>
        askWhole<EmbeddedBatch>({ ...target, timeout_ms }, callerSignal, patience, {
          readError: readChatError,
          open: (signal) =>
            postAdjusted(
              owner,
              adjusted(body, adjustmentsOf(target.settings)),
              (sent) => post(target, sent, signal),
              readChatError,
            ),
          read: async (response) => readEmbeddings(jsonOf(await response.text())),
        });
      const { encoding_format, ...plain } = paramsOf(request, input);
      const answer = await ask({ ...plain, encoding_format });
      return answer.ok || answer.failure.message !== NO_VECTORS ? answer : ask(plain);
    },
  );
};
