import { z } from 'zod';
import { describeIssues, hostileCounts, type UsageMode, type WholeRequest } from './simulated-api.ts';
import { tokensOf } from './vectors.ts';

/** OpenAI's generation and edits of images, as documented at developers.openai.com/api/reference/resources/images. */

const body = z.strictObject({
  model: z.string().min(1),
  prompt: z.string().min(1).max(32_000),
  n: z.int().min(1).max(10).default(1),
  size: z.enum(['auto', '1024x1024', '1536x1024', '1024x1536']).default('auto'),
  quality: z.enum(['auto', 'low', 'medium', 'high']).default('auto'),
  background: z.enum(['auto', 'transparent', 'opaque']).default('auto'),
  output_format: z.enum(['png', 'jpeg', 'webp']).default('png'),
  output_compression: z.int().min(0).max(100).default(100),
  moderation: z.enum(['auto', 'low']).default('auto'),
  user: z.string().optional(),
});
type Body = z.infer<typeof body>;

/** The tokens of an image of 1,024 px square, as the guide on image generation lists them. */
const TOKENS = { low: 272, medium: 1_056, auto: 1_056, high: 4_160 };

/** A picture of one pixel, whatever is asked for: it shows that nothing was generated. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function usageOf({ prompt, n, quality }: Body, image_tokens: number, mode: UsageMode) {
  if (mode === 'missing') return {};
  if (mode === 'hostile')
    return { usage: { input_tokens: hostileCounts.negative, output_tokens: hostileCounts.huge } };
  const text_tokens = tokensOf(prompt);
  const output_tokens = n * TOKENS[quality];
  return {
    usage: {
      ...{ input_tokens: text_tokens + image_tokens, input_tokens_details: { text_tokens, image_tokens } },
      ...{ output_tokens, total_tokens: text_tokens + image_tokens + output_tokens },
    },
  };
}

/** Reads and checks a request. */
export function readImagesRequest(raw: unknown): WholeRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  return answered(parsed.data, 0);
}

const number = z.string().transform(Number);
const bytes = z.int().min(1);
const edits = z.strictObject({
  ...body.shape,
  n: number.pipe(z.int().min(1).max(10)).default(1),
  output_compression: number.pipe(z.int().min(0).max(100)).default(100),
  'image[]': z.array(bytes).min(1).max(16),
  mask: bytes.optional(),
  input_fidelity: z.enum(['low', 'high']).default('low'),
});

/** Reads and checks the form of a request that edits images. */
export function readImageEditsRequest(raw: unknown): WholeRequest {
  const parsed = edits.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  return answered(parsed.data, parsed.data['image[]'].length);
}

/** The tokens of an image that is edited. */
const EDITED_TOKENS = 323;

function answered(request: Body, edited: number): WholeRequest {
  const { model, n, size, quality, background, output_format } = request;
  return {
    ok: true,
    model,
    answer: (usage) => ({
      created: Math.floor(Date.now() / 1_000),
      ...{ size, quality, background, output_format },
      data: Array.from({ length: n }, () => ({ b64_json: PIXEL })),
      ...usageOf(request, edited * EDITED_TOKENS, usage),
    }),
  };
}
