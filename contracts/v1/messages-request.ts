import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import { jsonSchema, stopSequence, TOOLS_MAX, toolName } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import {
  cache_control,
  cacheControl,
  documentBlock,
  imageBlock,
  redactedThinkingBlock,
  textBlock,
  thinkingBlock,
  toolResultBlock,
  toolUseBlock,
} from './message-blocks.ts';

/**
 * POST /v1/messages as Anthropic's SDKs send it (platform.claude.com/docs/en/api/messages). Hints that change neither the answer nor
 * its price are accepted and ignored. Unsupported fields that would change them are refused by name.
 */

const systemText = z.union([z.string().max(TEXT_MAX), z.array(textBlock)]).meta({ id: 'MessageSystemText' });

const messageParam = z
  .discriminatedUnion('role', [
    z.looseObject({
      role: z
        .literal('system')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: systemText.describe('The instructions.'),
    }),
    z.looseObject({
      role: z.literal('user').describe('A message from the user.'),
      content: z
        .union([
          z.string().max(TEXT_MAX),
          z
            .array(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, toolResultBlock]))
            .min(1),
        ])
        .describe('The message: text, or blocks of text, images, documents and tool results.'),
    }),
    z.looseObject({
      role: z.literal('assistant').describe('A message from the model.'),
      content: z
        .union([
          z.string().max(TEXT_MAX),
          z.array(
            z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock]),
          ),
        ])
        .describe('The message: text, or blocks of text, tool calls and reasoning.'),
    }),
  ])
  .meta({ id: 'MessageParam' });
export type MessageParam = z.infer<typeof messageParam>;

const tool = z
  .looseObject({
    type: z
      .literal('custom', 'Only custom tools: those you run yourself')
      .nullish()
      .describe(
        'Only custom tools are supported. Tools that Anthropic runs itself are billed separately, so they are refused.',
      ),
    name: toolName,
    description: z.string().max(TEXT_MAX).optional().describe('A description of the tool, for the model.'),
    input_schema: jsonSchema.describe('The parameters, as a JSON Schema of an object.'),
    strict: z
      .boolean()
      .nullish()
      .describe('If true, arguments must match the schema, where the provider supports it.'),
    cache_control,
  })
  .meta({ id: 'MessageTool' });

const oneAtATime = {
  disable_parallel_tool_use: z
    .boolean()
    .nullish()
    .describe('If true, the model calls at most one tool at a time.'),
};

const toolChoice = z
  .discriminatedUnion('type', [
    z.looseObject({ type: z.literal('auto').describe('The model decides.'), ...oneAtATime }),
    z.looseObject({
      type: z.literal('any').describe('The model must call at least one tool.'),
      ...oneAtATime,
    }),
    z.looseObject({
      type: z.literal('tool').describe('The model must call the named tool.'),
      name: toolName,
      ...oneAtATime,
    }),
    z.looseObject({ type: z.literal('none').describe('The model must not call a tool.') }),
  ])
  .meta({ id: 'MessageToolChoice' });

const display = z
  .enum(['summarized', 'omitted'])
  .nullish()
  .describe('The form in which Anthropic shows the thinking. The default depends on the model.');

/** The extended thinking to ask for. Thinking tokens are part of `max_tokens`. */
const thinking = z
  .discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('enabled').describe('Thinking with a budget.'),
      budget_tokens: z
        .int()
        .min(1_024)
        .describe(
          'The most tokens of thinking. Less than `max_tokens`. Models that take no budget get the nearest effort.',
        ),
      display,
    }),
    z.looseObject({ type: z.literal('adaptive').describe('The model decides how much to think.'), display }),
    z.looseObject({
      type: z.literal('disabled').describe('The model does not think, where it can be switched off.'),
    }),
  ])
  .meta({ id: 'MessageThinking' });

/** A request. Unknown fields are refused by name. */
export const messagesRequest = z
  .strictObject({
    model: z.string().min(1).max(200).describe('The name of a model from `GET /v1/models`.'),
    max_tokens: z.int().min(1).max(OUTPUT_TOKENS_MAX).describe('The largest answer, in tokens.'),
    messages: z.array(messageParam).min(1).describe('The conversation, oldest message first.'),
    system: systemText.optional().describe('The instructions.'),
    stop_sequences: z
      .array(stopSequence)
      .max(16)
      .optional()
      .describe('Up to 16 sequences that end the answer. OpenAI and compatible servers take 4, Google 5.'),
    stream: z.boolean().optional().describe('If true, the answer is streamed as server-sent events.'),
    temperature: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('The sampling temperature, 0 to 1. The newest models accept none.'),
    top_p: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Nucleus sampling: only the most likely tokens with this total probability are considered.'),
    top_k: z
      .int()
      .min(1)
      .optional()
      .describe('Only this many of the most likely tokens are considered. Sent to Anthropic and Google.'),
    tools: z.array(tool).max(TOOLS_MAX).optional().describe('The tools the model may call.'),
    tool_choice: toolChoice
      .optional()
      .describe(
        'Controls tool calls. `auto` (default) lets the model decide, `none` forbids calls, `any` forces at least one, and `tool` forces the named tool.',
      ),
    output_config: z
      .strictObject({
        format: z
          .looseObject({
            type: z.literal('json_schema').describe('JSON that matches a schema.'),
            schema: jsonSchema.describe('The JSON Schema of the answer.'),
          })
          .nullish()
          .describe('Forces JSON that matches a schema.'),
        effort: z
          .enum(['low', 'medium', 'high', 'xhigh', 'max'])
          .nullish()
          .describe('The effort that the model puts into the answer, reasoning included.'),
      })
      .nullish()
      .describe('The format of the answer, and the effort for it.'),
    thinking: thinking.nullish().describe('Extended thinking.'),
    metadata: z
      .looseObject({
        user_id: z.string().max(512).nullish().describe('Your id of the person behind the request.'),
      })
      .optional()
      .describe('Anthropic receives `user_id`. Other fields are accepted and ignored.'),
    cache_control: cacheControl
      .nullish()
      .describe('Lets the provider cache the whole prompt. Sent to Anthropic.'),
    context_management: z
      .looseObject({})
      .nullish()
      .describe('Accepted and ignored: the conversation is sent as it is.'),
    service_tier: z.enum(['auto', 'standard_only']).optional().describe('Accepted and ignored.'),
  })
  .refine(
    ({ thinking: asked, max_tokens }) => asked?.type !== 'enabled' || asked.budget_tokens < max_tokens,
    { path: ['thinking', 'budget_tokens'], error: 'Must be less than max_tokens' },
  )
  .meta({ id: 'CreateMessageRequest' });
export type MessagesRequest = z.infer<typeof messagesRequest>;
