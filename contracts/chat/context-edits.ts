import { z } from 'zod';
import { unsupportedType } from '../unsupported.ts';

/**
 * Edits that Anthropic makes to a conversation before the model reads it (platform.claude.com/docs/en/build-with-claude/context-editing).
 * They only leave out, so a provider without them answers the same question from more context.
 */

/** The most edits of a request, and so of an answer. */
export const EDITS_MAX = 10;

const count = z.int().min(0).max(1_000_000_000);

const inputTokens = z.object({
  type: z.literal('input_tokens').describe('A number of input tokens.'),
  value: count.describe('The number.'),
});

const toolUses = z.object({
  type: z.literal('tool_uses').describe('A number of tool calls.'),
  value: count.describe('The number.'),
});

const names = z.array(z.string().min(1).max(200)).max(200);

const clearToolUses = z
  .object({
    type: z.literal('clear_tool_uses_20250919').describe('Leaves out the results of older tool calls.'),
    trigger: z
      .discriminatedUnion('type', [inputTokens, toolUses])
      .optional()
      .describe('The size of the conversation from which on it applies.'),
    keep: toolUses.optional().describe('The latest tool calls that stay.'),
    clear_at_least: inputTokens.nullish().describe('The least to leave out, if anything is.'),
    exclude_tools: names.nullish().describe('The names of tools whose results stay.'),
    clear_tool_inputs: z
      .union([z.boolean(), names])
      .nullish()
      .describe(
        'True to leave out the arguments too, or the names of the tools whose arguments to leave out.',
      ),
  })
  .meta({ id: 'ClearToolUsesEdit' });

const clearThinking = z
  .object({
    type: z.literal('clear_thinking_20251015').describe('Leaves out the thinking of older turns.'),
    keep: z
      .union([
        z.literal('all'),
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('all').describe('All turns.') }),
          z.object({
            type: z.literal('thinking_turns').describe('A number of turns.'),
            value: count.describe('The number.'),
          }),
        ]),
      ])
      .optional()
      .describe('The latest turns whose thinking stays, or `all`.'),
  })
  .meta({ id: 'ClearThinkingEdit' });

/** One edit. Compaction is none of them: its tokens are billed beside the usage of the answer. */
const contextEdit = z
  .discriminatedUnion('type', [clearToolUses, clearThinking], unsupportedType('Edits'))
  .meta({ id: 'ContextEdit' });

/** The edits of a request. */
export const contextEdits = z
  .array(contextEdit)
  .max(EDITS_MAX)
  .describe(
    'Edits of the conversation before the model reads it. Sent to Claude models; other models read all of it.',
  );

/** One edit that was made. */
export const appliedEdit = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('clear_tool_uses_20250919').describe('Results of older tool calls were left out.'),
      cleared_tool_uses: count.describe('The number of tool calls.'),
      cleared_input_tokens: count.describe('The input tokens that were left out.'),
    }),
    z.object({
      type: z.literal('clear_thinking_20251015').describe('Thinking of older turns was left out.'),
      cleared_thinking_turns: count.describe('The number of turns.'),
      cleared_input_tokens: count.describe('The input tokens that were left out.'),
    }),
  ])
  .meta({ id: 'AppliedContextEdit' });
export type AppliedEdit = z.infer<typeof appliedEdit>;
