import { promptTokensOf } from '../../../contracts/catalog/price.ts';
import type { EmbeddingsInput, EmbeddingsRequest } from '../../../contracts/v1/embeddings.ts';
import type { Embedding } from '../../executions/embedding-task.ts';
import type { ResponseOf } from '../../executions/task.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../../providers/embedding/embedding.ts';
import { numbersOf } from '../../providers/embedding/vector.ts';

/** Translates OpenAI's embeddings to our task and back. Pure. */

const isText = (item: unknown): item is string => typeof item === 'string';

function inputOf(input: EmbeddingsInput): EmbeddingInput {
  if (isText(input)) return { of: 'texts', items: [input] };
  const [first] = input;
  if (isText(first)) return { of: 'texts', items: input as string[] };
  return { of: 'tokens', items: typeof first === 'number' ? [input as number[]] : (input as number[][]) };
}

/** Returns the neutral form of a request. */
export const translateEmbeddings = ({
  model,
  input,
  dimensions,
  user,
}: EmbeddingsRequest): EmbeddingRequest => ({
  ...{ model, input: inputOf(input) },
  ...(dimensions != null && { dimensions }),
  ...(user != null && { user }),
});

/**
 * Writes a response as OpenAI's list, in pieces of its JSON: all vectors of the largest request as one text would fill the isolate's
 * memory.
 */
export function* embeddingsJson(
  { model, vectors, usage }: ResponseOf<Embedding>,
  { encoding_format }: Pick<EmbeddingsRequest, 'encoding_format'>,
): Generator<string> {
  yield '{"object":"list","data":[';
  for (const [index, vector] of vectors.entries()) {
    const embedding = encoding_format === 'base64' ? vector : numbersOf(vector);
    yield `${index === 0 ? '' : ','}${JSON.stringify({ object: 'embedding', index, embedding })}`;
  }
  const tokens = usage === null ? 0 : promptTokensOf(usage);
  yield `],"model":${JSON.stringify(model)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`;
}
