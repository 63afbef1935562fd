import { z } from 'zod';
import { type CachedBlock, MARKS_MAX } from './cache.ts';

/** The blocks of a request in the order in which Anthropic caches them. */

const mark = z.object({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).default('5m') }).nullish();
const block = z.looseObject({
  type: z.string().optional(),
  text: z.string().optional(),
  cache_control: mark,
});
type Block = z.infer<typeof block>;
const content = z.union([z.string().transform((text): Block[] => [{ type: 'text', text }]), z.array(block)]);
const prompt = z.object({
  tools: z.array(block).default([]),
  system: content.default([]),
  messages: z.array(z.object({ role: z.string(), content })),
});

const BYTES_PER_TOKEN = 4;

/** The token count of an image or a document, as in body.ts. */
const mediaTokens: Record<string, number> = { image: 1_568, document: 2_000 };

function cachedBlock(place: string, { cache_control, ...said }: Block): CachedBlock {
  const text = said.text ?? JSON.stringify(said);
  const tokens = mediaTokens[said.type ?? ''] ?? Math.floor(Buffer.byteLength(text) / BYTES_PER_TOKEN);
  return { text: `${place} ${JSON.stringify(said)}`, tokens, mark: cache_control?.ttl ?? null };
}

/** Returns the blocks of a valid request. Marks inside the result of a tool do not count. */
export function cachedBlocksOf(raw: unknown): CachedBlock[] {
  const { tools, system, messages } = prompt.parse(raw);
  return [
    ...tools.map((tool) => cachedBlock('tool', tool)),
    ...system.map((one) => cachedBlock('system', one)),
    ...messages.flatMap(({ role, content: blocks }) => blocks.map((one) => cachedBlock(role, one))),
  ];
}

/** Returns the error of a request with too many marks, or with a long one after a short one; null for any other. */
export function markError(raw: unknown): string | null {
  const marks = cachedBlocksOf(raw).flatMap(({ mark: kept }) => kept ?? []);
  if (marks.length > MARKS_MAX)
    return `A maximum of ${MARKS_MAX} blocks with cache_control may be provided. Found ${marks.length}.`;
  return marks.lastIndexOf('1h') > marks.indexOf('5m') && marks.includes('5m')
    ? "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"
    : null;
}
