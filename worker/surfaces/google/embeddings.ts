import { promptTokensOf } from '../../../contracts/catalog/price.ts';
import type { EmbedContentRequest } from '../../../contracts/v1beta/embed-content.ts';
import type { Embedding } from '../../executions/embedding-task.ts';
import type { ResponseOf } from '../../executions/task.ts';
import type { EmbeddingRequest } from '../../providers/embedding/embedding.ts';
import { numbersOf } from '../../providers/embedding/vector.ts';

/** Translates Google's embeddings to our task and back. Pure. */

const textOf = ({ content }: EmbedContentRequest): string => content.parts.map(({ text }) => text).join('');

/** Returns the neutral form of requests whose options are the same. */
export function translateEmbedContents(
  model: string,
  requests: readonly EmbedContentRequest[],
): EmbeddingRequest {
  const { taskType, title, outputDimensionality } = requests[0] ?? {};
  return {
    ...{ model, input: { of: 'texts', items: requests.map(textOf) } },
    ...(outputDimensionality != null && { dimensions: outputDimensionality }),
    ...(taskType != null && { task_type: taskType }),
    ...(title != null && { title }),
  };
}

const usageOf = ({ usage }: ResponseOf<Embedding>): string =>
  `"usageMetadata":{"promptTokenCount":${usage === null ? 0 : promptTokensOf(usage)}}`;

/** Writes the answer of embedContent, which has one vector. */
export function* embeddingJson(response: ResponseOf<Embedding>): Generator<string> {
  for (const vector of response.vectors)
    yield `{"embedding":${JSON.stringify({ values: numbersOf(vector) })},${usageOf(response)}}`;
}

/** Writes the answer of batchEmbedContents in pieces, for the memory of the isolate. */
export function* embeddingsJson(response: ResponseOf<Embedding>): Generator<string> {
  yield '{"embeddings":[';
  for (const [index, vector] of response.vectors.entries())
    yield `${index === 0 ? '' : ','}${JSON.stringify({ values: numbersOf(vector) })}`;
  yield `],${usageOf(response)}}`;
}
