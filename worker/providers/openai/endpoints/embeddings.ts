import { type EmbeddedBatch, embedInBatches } from '../../embedding/batches.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../../embedding/embedding.ts';
import { readVector } from '../../embedding/vector.ts';
import { fieldsOf, requiredCount } from '../../metering/reported-usage.ts';
import type { Adapter } from '../../provider-kind.ts';
import { type Asked, askWhole } from '../../transport/ask-whole.ts';
import { invalidResponse } from '../../transport/failure.ts';
import { jsonOf } from '../../transport/stream-reader.ts';
import { readChatError } from '../errors.ts';
import { errorInBody, poster } from './post.ts';

/** Calls OpenAI's embeddings, at OpenAI or at a compatible server. */

/** Items of one call. OpenAI takes 2,048, but an answer has at most 16 MiB: 256 vectors of 4,096 numbers fit, also as lists of numbers. */
const BATCH_ITEMS = 256;

const post = poster('/embeddings');

/** Said of servers that answer a request for base64 with a success that holds nothing (plastic-labs/honcho#932, of OpenRouter). */
const NO_VECTORS = 'The answer holds no vectors';

/** The request as OpenAI documents it (platform.openai.com/docs/api-reference/embeddings), without the form of its vectors. */
const paramsOf = ({ model, dimensions, user }: EmbeddingRequest, { items }: EmbeddingInput) => ({
  ...{ model, input: items },
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
  const failure = errorInBody(body, 'data');
  if (failure !== null) return { ok: false, failure };
  const { data, usage } = fieldsOf(body) ?? {};
  if (!Array.isArray(data))
    return { ok: false, failure: invalidResponse('The body is not a list of vectors') };
  if (data.length === 0) return { ok: false, failure: invalidResponse(NO_VECTORS) };
  const placed = data
    .map((item: unknown, at) => ({
      index: indexOf(item, at),
      vector: readVector(fieldsOf(item)?.embedding),
    }))
    .sort((one, other) => one.index - other.index);
  const vectors = placed.flatMap(({ vector }) => (vector === null ? [] : [vector]));
  if (vectors.length < placed.length)
    return { ok: false, failure: invalidResponse('A vector is neither base64 nor a list of numbers') };
  return { ok: true, value: { vectors, input_tokens: inputTokensOf(usage) } };
}

/** Asks for vectors in base64, and in the server's own form within the same attempt if it answers that with nothing. */
export const embedByOpenAi: NonNullable<Adapter['embed']> = (target, request, callerSignal, patience) =>
  embedInBatches(
    request.input,
    { size: BATCH_ITEMS, timeout_ms: target.timeout_ms },
    async (input, timeout_ms) => {
      const ask = (form: object) =>
        askWhole<EmbeddedBatch>({ ...target, timeout_ms }, callerSignal, patience, {
          readError: readChatError,
          open: (signal) => post(target, { ...paramsOf(request, input), ...form }, signal),
          read: async (response) => readEmbeddings(jsonOf(await response.text())),
        });
      const answer = await ask({ encoding_format: 'base64' });
      return answer.ok || answer.failure.message !== NO_VECTORS ? answer : ask({});
    },
  );
