import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { type SimulatedThinking, THOUGHTS } from '../simulated-api.ts';
import type { ContextManagement } from './context-edits.ts';

/** Thinking and previews of a simulated Anthropic: their rules, and the errors in its words. */

const thought = THOUGHTS.join('');

/** The signature of a text that the simulated model has thought. */
export const signatureOf = (text: string): string =>
  Buffer.from(createHash('sha256').update(`simulated ${text}`).digest()).toString('base64');

const BYTES_PER_TOKEN = 4;

const shown = z.enum(['summarized', 'omitted', 'updates']).nullish();
export const thinkingParam = z.discriminatedUnion('type', [
  z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(1_024), display: shown }),
  z.object({ type: z.literal('adaptive'), display: shown }),
  z.object({ type: z.literal('disabled') }),
]);
type ThinkingParam = z.infer<typeof thinkingParam>;

const thinks = (asked: ThinkingParam | undefined): asked is Exclude<ThinkingParam, { type: 'disabled' }> =>
  asked !== undefined && asked.type !== 'disabled';

/** Returns the thinking of an answer; null if none was asked for. */
export function thinkingOf(asked: ThinkingParam | undefined): SimulatedThinking | null {
  if (!thinks(asked)) return null;
  return {
    pieces: asked.display === 'omitted' ? [] : THOUGHTS,
    signature: signatureOf(thought),
    tokens: Math.ceil(thought.length / BYTES_PER_TOKEN),
  };
}

export const thinkingBlock = z.object({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string(),
});
export const redactedThinkingBlock = z.object({ type: z.literal('redacted_thinking'), data: z.string() });

/** True for a signature of the text, or of a thought that was not shown. */
const isGenuine = ({ thinking, signature }: z.infer<typeof thinkingBlock>): boolean =>
  signature === signatureOf(thinking) || (thinking === '' && signature === signatureOf(thought));

/** Returns the error of a block with a signature that the simulated model has not made, or null. */
export function forgedThinking(messages: readonly { content: unknown }[]): string | null {
  for (const [at, { content }] of messages.entries())
    for (const [place, block] of (Array.isArray(content) ? content : []).entries()) {
      const parsed = thinkingBlock.safeParse(block);
      if (parsed.success && !isGenuine(parsed.data))
        return `messages.${at}.content.${place}: Invalid \`signature\` in \`thinking\` block`;
    }
  return null;
}

const CONTEXT_PREVIEW = 'context-management-2025-06-27';
/** The previews that the simulated API knows. */
const previews: ReadonlySet<string> = new Set([
  ...[CONTEXT_PREVIEW, 'interleaved-thinking-2025-05-14', 'effort-2025-11-24', 'token-counting-2024-11-01'],
  ...[
    'claude-code-20250219',
    'prompt-caching-2024-07-31',
    'extended-cache-ttl-2025-04-11',
    'pdfs-2024-09-25',
  ],
  ...['structured-outputs-2025-11-13', 'structured-outputs-2025-12-15', 'output-128k-2025-02-19'],
  ...['fine-grained-tool-streaming-2025-05-14', 'token-efficient-tools-2025-02-19'],
]);

type Previewed = {
  thinking?: ThinkingParam | undefined;
  context_management?: ContextManagement | undefined;
};

/** Returns the error of a request whose previews and context edits do not fit together, or null. */
export function previewError(
  headers: IncomingHttpHeaders,
  { thinking, context_management }: Previewed,
): string | null {
  const asked = String(headers['anthropic-beta'] ?? '')
    .split(',')
    .filter((name) => name !== '');
  const unknown = asked.find((name) => !previews.has(name));
  if (unknown !== undefined) return `Unexpected value(s) \`${unknown}\` for the \`anthropic-beta\` header.`;
  if (context_management === undefined) return null;
  if (!asked.includes(CONTEXT_PREVIEW)) return 'context_management: Extra inputs are not permitted';
  const clears = context_management.edits.findIndex(({ type }) => type === 'clear_thinking_20251015');
  if (clears > 0) return 'context_management: clear_thinking_20251015 must be the first edit';
  return clears === 0 && !thinks(thinking)
    ? '`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive'
    : null;
}
