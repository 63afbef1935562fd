import { z } from 'zod';
import { describeIssues, hostileCounts, type UsageMode, type WholeRequest } from './simulated-api.ts';
import { inBase64, tokensOf, vectorOf } from './vectors.ts';

/** OpenAI's embeddings, as documented at platform.openai.com/docs/api-reference/embeddings. */

const ITEMS_MAX = 2_048;
const TOKENS_MAX = 300_000;
const ITEM_TOKENS_MAX = 8_192;
/** The size of text-embedding-3-small. */
const DIMENSIONS = 1_536;

const token = z.int().min(0);
const body = z.object({
  model: z.string().min(1),
  input: z.union([
    z.string().min(1),
    z.array(z.string().min(1)).min(1),
    z.array(token).min(1),
    z.array(z.array(token).min(1)).min(1),
  ]),
  dimensions: z.int().min(1).max(3_072).default(DIMENSIONS),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  user: z.string().optional(),
});
type Body = z.infer<typeof body>;
type Item = string | number[];

function itemsOf(input: Body['input']): Item[] {
  if (typeof input === 'string') return [input];
  return typeof input[0] === 'number' ? [input as number[]] : (input as Item[]);
}

const tokensIn = (item: Item): number => (typeof item === 'string' ? tokensOf(item) : item.length);

/** Returns the reason why OpenAI would not take the items, or null. */
function refusalOf(items: readonly Item[]): string | null {
  if (items.length > ITEMS_MAX) return `'$.input' is invalid: array too long, at most ${ITEMS_MAX} items.`;
  const counts = items.map(tokensIn);
  const longest = Math.max(...counts);
  if (longest > ITEM_TOKENS_MAX)
    return `This model's maximum context length is ${ITEM_TOKENS_MAX} tokens, however you requested ${longest} tokens.`;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total > TOKENS_MAX ? `Requested ${total} tokens, max ${TOKENS_MAX} tokens per request.` : null;
}

function usageOf(items: readonly Item[], mode: UsageMode) {
  if (mode === 'missing') return {};
  if (mode === 'hostile')
    return { usage: { prompt_tokens: hostileCounts.negative, total_tokens: hostileCounts.text } };
  const tokens = items.reduce((sum, item) => sum + tokensIn(item), 0);
  return { usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** Reads and checks a request. */
export function readEmbeddingsRequest(raw: unknown): WholeRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { model, input, dimensions, encoding_format } = parsed.data;
  const items = itemsOf(input);
  const message = refusalOf(items);
  if (message !== null) return { ok: false, message };
  return {
    ok: true,
    model,
    answer: (usage) => ({
      object: 'list',
      data: items.map((item, index) => {
        const vector = vectorOf(JSON.stringify(item), dimensions);
        const embedding = encoding_format === 'base64' ? inBase64(vector) : vector;
        return { object: 'embedding', index, embedding };
      }),
      model,
      ...usageOf(items, usage),
    }),
  };
}
