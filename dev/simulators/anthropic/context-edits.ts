import { z } from 'zod';

/** Context edits of a simulated Anthropic (platform.claude.com/docs/en/build-with-claude/context-editing). */

const toolUses = z.object({ type: z.literal('tool_uses'), value: z.int().min(0) });
const inputTokens = z.object({ type: z.literal('input_tokens'), value: z.int().min(0) });

export const contextManagement = z.object({
  edits: z.array(
    z.discriminatedUnion('type', [
      z.looseObject({
        type: z.literal('clear_tool_uses_20250919'),
        trigger: z
          .discriminatedUnion('type', [toolUses, inputTokens])
          .default({ type: 'input_tokens', value: 100_000 }),
        keep: toolUses.default({ type: 'tool_uses', value: 3 }),
      }),
      z.looseObject({ type: z.literal('clear_thinking_20251015') }),
    ]),
  ),
});
export type ContextManagement = z.infer<typeof contextManagement>;

/** One edit that was made. */
export type AppliedEdit = {
  type: 'clear_tool_uses_20250919';
  cleared_tool_uses: number;
  cleared_input_tokens: number;
};

const BYTES_PER_TOKEN = 4;
const CLEARED = '[cleared]';

const tokensOf = (value: unknown): number =>
  Math.floor(Buffer.byteLength(JSON.stringify(value) ?? '') / BYTES_PER_TOKEN);

type Block = { type: string; content?: unknown };
type Message = { content: string | Block[] };

/**
 * Returns the messages without the results of their older tool calls, and the edits that were made; none below the trigger. Thinking of
 * older turns has no tokens here, so clearing it changes nothing.
 */
export function edited<Edited extends Message>(
  messages: readonly Edited[],
  asked: ContextManagement | undefined,
): { messages: Edited[]; applied_edits: AppliedEdit[] } {
  const edit = asked?.edits.find(({ type }) => type === 'clear_tool_uses_20250919');
  const results = messages
    .flatMap(({ content }): Block[] => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'tool_result');
  const untouched = { messages: [...messages], applied_edits: [] };
  if (edit?.type !== 'clear_tool_uses_20250919') return untouched;
  const size = edit.trigger.type === 'tool_uses' ? results.length : tokensOf(messages);
  const cleared = new Set(results.slice(0, Math.max(0, results.length - edit.keep.value)));
  if (size <= edit.trigger.value || cleared.size === 0) return untouched;
  const withoutOlder = (block: Block): Block => (cleared.has(block) ? { ...block, content: CLEARED } : block);
  const tokens = [...cleared].reduce((sum, { content }) => sum + tokensOf(content), 0);
  return {
    messages: messages.map((message) =>
      typeof message.content === 'string'
        ? message
        : { ...message, content: message.content.map(withoutOlder) },
    ),
    applied_edits: [
      {
        type: 'clear_tool_uses_20250919',
        cleared_tool_uses: cleared.size,
        cleared_input_tokens: tokens,
      },
    ],
  };
}
