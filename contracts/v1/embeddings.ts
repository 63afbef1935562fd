import { z } from 'zod';
import { TEXT_MAX } from '../chat/chat-parts.ts';

/**
 * POST /v1/embeddings as OpenAI's SDKs send it (platform.openai.com/docs/api-reference/embeddings). LangChain and the SDKs ask for
 * base64 unless told otherwise.
 */

/** The most items of one request: OpenAI's limit, whether texts or lists of tokens. */
export const EMBEDDING_ITEMS_MAX = 2_048;
/** The most tokens of one request that is sent as tokens: OpenAI's limit for all items together. */
export const EMBEDDING_TOKENS_MAX = 300_000;
/** The largest id of a token. The largest vocabularies have 256,000 tokens. */
const TOKEN_ID_MAX = 1_000_000;

/** Texts, or tokens of texts: one or several. */
export type EmbeddingsInput = string | string[] | number[] | number[][];

const isText = (value: unknown): value is string => typeof value === 'string';
const isToken = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= TOKEN_ID_MAX;
const isTokens = (value: unknown): value is number[] => Array.isArray(value) && value.every(isToken);

const FORM_RULE = 'must be a text, a list of texts, a list of token ids, or a list of such lists';

/** Returns the rule that texts break, or null. */
function textFault(texts: readonly string[]): string | null {
  if (texts.includes('')) return 'must not hold an empty text';
  return texts.some((text) => text.length > TEXT_MAX)
    ? `must hold texts of at most ${TEXT_MAX} characters`
    : null;
}

/** Returns the rule that lists of tokens break, or null. */
function tokensFault(lists: readonly number[][]): string | null {
  if (lists.some(({ length }) => length === 0)) return 'must not hold an empty list of tokens';
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  return total > EMBEDDING_TOKENS_MAX ? `must have at most ${EMBEDDING_TOKENS_MAX} tokens in all` : null;
}

/** Returns the rule that an input breaks, or null. Its items are not parsed one by one: a request can have 300,000 of them. */
function inputFault(input: unknown): string | null {
  if (isText(input)) return textFault([input]);
  if (!Array.isArray(input)) return FORM_RULE;
  if (input.length === 0) return 'must have at least one item';
  if (isTokens(input)) return tokensFault([input]);
  if (input.length > EMBEDDING_ITEMS_MAX) return `must have at most ${EMBEDDING_ITEMS_MAX} items`;
  if (input.every(isText)) return textFault(input);
  return input.every(isTokens) ? tokensFault(input) : FORM_RULE;
}

const token = { type: 'integer', minimum: 0, maximum: TOKEN_ID_MAX } as const;
const tokens = { type: 'array', minItems: 1, maxItems: EMBEDDING_TOKENS_MAX, items: token } as const;

const input = z
  .unknown()
  .superRefine((value, { addIssue }) => {
    const message = inputFault(value);
    if (message !== null) addIssue({ code: 'custom', message, params: { rule: 'input' } });
  })
  .meta({
    description: `The text to embed, or several; each gets a vector. Instead of a text, the ids of its tokens are taken, where the provider takes them. At most ${EMBEDDING_ITEMS_MAX} items, and ${EMBEDDING_TOKENS_MAX} tokens in all. A model takes so many tokens in one item as its context window has.`,
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', minItems: 1, maxItems: EMBEDDING_ITEMS_MAX, items: { type: 'string', minLength: 1 } },
      tokens,
      { type: 'array', minItems: 1, maxItems: EMBEDDING_ITEMS_MAX, items: tokens },
    ],
  }) as unknown as z.ZodType<EmbeddingsInput, EmbeddingsInput>;

/** The body of a request for embeddings. */
export const embeddingsRequest = z
  .strictObject({
    model: z.string().min(1).max(200).describe('The name of an embedding model.'),
    input,
    dimensions: z
      .int()
      .min(1)
      .max(4_096)
      .nullish()
      .describe("The numbers of each vector, where the model can shorten them. Defaults to the model's own."),
    encoding_format: z
      .enum(['float', 'base64'])
      .nullish()
      .describe(
        'The form of the vectors: `float`: lists of numbers; `base64`: their numbers in 32 bits each, little-endian, in base64. Defaults to `float`.',
      ),
    user: z
      .string()
      .max(512)
      .nullish()
      .describe('Your name for your end user. Sent to OpenAI and compatible servers.'),
  })
  .meta({ id: 'EmbeddingsRequest' });
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;

const embedding = z
  .object({
    object: z.literal('embedding').describe('The type of the object.'),
    index: z.int().min(0).describe('The position of the item in the input, from 0.'),
    embedding: z
      .union([
        z.array(z.number()).describe('The numbers of the vector.'),
        z.string().describe('The same in base64.'),
      ])
      .describe('The vector, in the form that the request asks for.'),
  })
  .meta({ id: 'Embedding' });

/** The answer to a request for embeddings. */
export const embeddingsResponse = z
  .object({
    object: z.literal('list').describe('Always `list`.'),
    data: z.array(embedding).describe('A vector for each item, in the order of the input.'),
    model: z.string().describe('The model you asked for.'),
    usage: z
      .object({
        prompt_tokens: z.int().min(0).describe('Tokens of the input.'),
        total_tokens: z.int().min(0).describe('The same.'),
      })
      .describe('The tokens that were charged.'),
  })
  .meta({ id: 'EmbeddingsResponse' });
