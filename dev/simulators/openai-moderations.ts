import { z } from 'zod';
import { describeIssues, type WholeRequest } from './simulated-api.ts';

/** OpenAI's moderations, as documented at platform.openai.com/docs/api-reference/moderations. They report no usage. */

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string().min(1) }) }),
]);
const body = z.object({
  model: z.string().min(1).default('omni-moderation-latest'),
  input: z.union([z.string(), z.array(z.string()).min(1), z.array(part).min(1)]),
});

const CATEGORIES = [
  ...['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent'],
  ...['self-harm', 'self-harm/intent', 'self-harm/instructions', 'sexual', 'sexual/minors'],
  ...['violence', 'violence/graphic'],
];

/** Judges a text: a category applies if the text names it. */
function judgementOf(text: string) {
  const applies = (category: string) => text.toLowerCase().includes(category);
  const each = <Value>(value: (category: string) => Value) =>
    Object.fromEntries(CATEGORIES.map((category) => [category, value(category)]));
  return {
    flagged: CATEGORIES.some(applies),
    categories: each(applies),
    category_scores: each((category) => (applies(category) ? 0.9 : 0.0001)),
    category_applied_input_types: each(() => ['text']),
  };
}

/** Reads and checks a request. */
export function readModerationsRequest(raw: unknown): WholeRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { model, input } = parsed.data;
  const inputs = typeof input === 'string' ? [input] : input;
  const texts = inputs.map((one) => (typeof one === 'string' ? one : one.type === 'text' ? one.text : ''));
  const judged = typeof inputs[0] === 'string' ? texts : [texts.join(' ')];
  return {
    ok: true,
    model,
    answer: () => ({ id: 'modr-simulated', model, results: judged.map(judgementOf) }),
  };
}
