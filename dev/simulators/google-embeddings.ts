import { z } from 'zod';
import { describeIssues, hostileCounts, type UsageMode, type WholeRequest } from './simulated-api.ts';
import { tokensOf, vectorOf } from './vectors.ts';

/** Google's batchEmbedContents, as documented at ai.google.dev/api/embeddings. */

const BATCH_MAX = 100;
const DIMENSIONS = 3_072;

const request = z.object({
  model: z.string().min(1),
  content: z.object({ parts: z.array(z.object({ text: z.string().min(1) })).min(1) }),
  taskType: z.string().optional(),
  title: z.string().optional(),
  outputDimensionality: z.int().min(1).max(DIMENSIONS).default(DIMENSIONS),
});
const body = z.object({ requests: z.array(request).min(1) });

const textOf = ({ content }: z.infer<typeof request>): string =>
  content.parts.map(({ text }) => text).join('');

function usageOf(texts: readonly string[], mode: UsageMode) {
  if (mode === 'missing') return {};
  if (mode === 'hostile') return { usageMetadata: { promptTokenCount: hostileCounts.fraction } };
  return { usageMetadata: { promptTokenCount: texts.reduce((sum, text) => sum + tokensOf(text), 0) } };
}

/** Reads and checks a request for a model, whose name each of its parts repeats. */
export function readBatchEmbedRequest(model: string, raw: unknown): WholeRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { requests } = parsed.data;
  if (requests.length > BATCH_MAX)
    return {
      ok: false,
      message: `* BatchEmbedContentsRequest.requests: at most ${BATCH_MAX} requests can be in one batch`,
    };
  if (requests.some((one) => one.model !== `models/${model}`))
    return { ok: false, message: '* BatchEmbedContentsRequest.requests[0].model: does not match the path' };
  return {
    ok: true,
    model,
    answer: (usage) => ({
      embeddings: requests.map((one) => ({ values: vectorOf(textOf(one), one.outputDimensionality) })),
      ...usageOf(requests.map(textOf), usage),
    }),
  };
}
