import { z } from 'zod';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { protoJson } from './proto-json.ts';

/** Google's embedContent and batchEmbedContents (ai.google.dev/api/embeddings). */

/** The most texts of one request: Google's limit. */
const BATCH_MAX = 100;
const DIMENSIONS_MAX = 4_096;

const textContent = z
  .looseObject({
    parts: z
      .array(z.looseObject({ text: z.string().max(TEXT_MAX).describe('A text.') }))
      .min(1)
      .max(100)
      .describe('The texts, which are embedded as one.'),
  })
  .refine(({ parts }) => parts.some(({ text }) => text !== ''), {
    path: ['parts'],
    message: 'Must not be empty',
  })
  .meta({ id: 'GoogleTextContent' });

const options = {
  taskType: z
    .string()
    .max(100)
    .nullish()
    .describe('The use of the vector, such as `RETRIEVAL_QUERY`. Sent to Google.'),
  title: z.string().max(1_000).nullish().describe('The title of the document. Sent to Google.'),
  outputDimensionality: z
    .int()
    .min(1)
    .max(DIMENSIONS_MAX)
    .nullish()
    .describe("The numbers of the vector, where the model can shorten it. Defaults to the model's own."),
};

const one = z.looseObject({ content: textContent.describe('The text to embed.'), ...options });

export const embedContentRequest = z.preprocess(protoJson, one).meta({ id: 'EmbedContentRequest' });
export type EmbedContentRequest = z.infer<typeof one>;

/** Returns the place of the first request whose option differs from the first one's, or null. */
function strayOption(requests: readonly EmbedContentRequest[]): [number, string] | null {
  const [first] = requests;
  for (const [at, request] of requests.entries())
    for (const name of ['taskType', 'title', 'outputDimensionality'] as const)
      if ((request[name] ?? null) !== (first?.[name] ?? null)) return [at, name];
  return null;
}

export const batchEmbedContentsRequest = z
  .preprocess(
    protoJson,
    z
      .looseObject({
        requests: z
          .array(one)
          .min(1)
          .max(BATCH_MAX)
          .describe('The texts to embed, at most 100. All have the same options.'),
      })
      .superRefine(({ requests }, { addIssue }) => {
        const stray = strayOption(requests);
        if (stray !== null)
          addIssue({
            code: 'custom',
            path: ['requests', ...stray],
            message: 'Must be the same in all requests',
          });
      }),
  )
  .meta({ id: 'BatchEmbedContentsRequest' });

const contentEmbedding = z
  .object({ values: z.array(z.number()).describe('The numbers of the vector.') })
  .meta({ id: 'ContentEmbedding' });

const usageMetadata = z
  .object({ promptTokenCount: z.int().min(0).describe('The tokens that were charged.') })
  .describe('The usage.');

export const embedContentResponse = z
  .object({ embedding: contentEmbedding.describe('The vector.'), usageMetadata })
  .meta({ id: 'EmbedContentResponse' });

export const batchEmbedContentsResponse = z
  .object({
    embeddings: z.array(contentEmbedding).describe('A vector for each request, in their order.'),
    usageMetadata,
  })
  .meta({ id: 'BatchEmbedContentsResponse' });
