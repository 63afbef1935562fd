import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import { fallbackModels } from '../catalog/model-routing.ts';
import { jsonSchema, stopSequence, TOOLS_MAX } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { contextEdits } from '../chat/context-edits.ts';
import { unsupportedField, unsupportedType } from '../unsupported.ts';
import {
  cacheControl,
  documentBlock,
  imageBlock,
  redactedThinkingBlock,
  textBlock,
  thinkingBlock,
  toolResultBlock,
  toolUseBlock,
} from './message-blocks.ts';
import { messageTool, messageToolChoice } from './messages-tools.ts';

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
            .array(
              z.discriminatedUnion(
                'type',
                [textBlock, imageBlock, documentBlock, toolResultBlock],
                unsupportedType('Blocks'),
              ),
            )
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
            z.discriminatedUnion(
              'type',
              [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock],
              unsupportedType('Blocks'),
            ),
          ),
        ])
        .describe('The message: text, or blocks of text, tool calls and reasoning.'),
    }),
  ])
  .meta({ id: 'MessageParam' });
export type MessageParam = z.infer<typeof messageParam>;

const display = z
  .enum(['summarized', 'omitted', 'updates'])
  .nullish()
  .describe(
    'The form in which Anthropic shows the thinking. The default depends on the model, and stands for `updates`.',
  );

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
    z.looseObject({ type: z.literal('between_tools').describe('The same as `disabled`.') }),
  ])
  .meta({ id: 'MessageThinking' });

const format = z
  .looseObject({
    type: z.literal('json_schema').describe('JSON that matches a schema.'),
    schema: jsonSchema.describe('The JSON Schema of the answer.'),
  })
  .nullish();

/** Fields of which Anthropic says that the provider bills them apart, or that change what was held. */
const refusedFields = {
  container: unsupportedField('Containers are not supported'),
  mcp_servers: z
    .array(z.unknown())
    .max(0, 'MCP servers are not supported: call them yourself')
    .nullish()
    .describe('Not supported: empty, null or left out.'),
  compaction: unsupportedField('Compaction is not supported'),
  fallbacks: unsupportedField('Fallbacks of the provider are not supported: name further models in `models`'),
  fallback_credit_token: unsupportedField('Fallbacks are not supported'),
  billing_policy: unsupportedField('The execution is always billed to its user'),
  inference_geo: unsupportedField('The region is not supported: it changes the price'),
  thread: unsupportedField('Threads are not supported: send the whole conversation'),
  speed: z
    .literal('standard', 'Only standard speed')
    .nullish()
    .describe('Only `standard`: another speed has another price.'),
};

/** The fields that a count of the input takes, too. */
const inputFields = {
  model: z.string().min(1).max(200).describe('The name of a model from `GET /v1/models`.'),
  messages: z.array(messageParam).min(1).describe('The conversation, oldest message first.'),
  system: systemText.nullish().describe('The instructions.'),
  tools: z.array(messageTool).max(TOOLS_MAX).nullish().describe('The tools the model may call.'),
  tool_choice: messageToolChoice
    .nullish()
    .describe(
      'Controls tool calls. `auto` (default) lets the model decide, `none` forbids calls, `any` forces at least one, and `tool` forces the named tool.',
    ),
  output_config: z
    .strictObject({
      format: format.describe('Forces JSON that matches a schema.'),
      effort: z
        .enum(['low', 'medium', 'high', 'xhigh', 'max'])
        .nullish()
        .describe('The effort that the model puts into the answer, reasoning included.'),
      task_budget: z
        .looseObject({})
        .nullish()
        .describe('Accepted and ignored: a hint of the tokens for a task of several requests.'),
    })
    .nullish()
    .describe('The format of the answer, and the effort for it.'),
  output_format: format.describe('Deprecated. Use `output_config.format`.'),
  thinking: thinking.nullish().describe('Extended thinking.'),
  cache_control: cacheControl
    .nullish()
    .describe('Lets the provider cache the whole prompt. Sent to Anthropic.'),
  context_management: z
    .strictObject({ edits: contextEdits.nullish() })
    .nullish()
    .describe('Edits of the conversation before the model reads it.'),
  ...refusedFields,
};

/** A request. Unknown fields are refused by name. */
export const messagesRequest = z
  .strictObject({
    ...inputFields,
    models: fallbackModels.nullish().describe(fallbackModels.description ?? ''),
    max_tokens: z.int().min(1).max(OUTPUT_TOKENS_MAX).describe('The largest answer, in tokens.'),
    stop_sequences: z
      .array(stopSequence)
      .max(16)
      .nullish()
      .describe(
        'Up to 16 sequences that end the answer. OpenAI and compatible servers take 4, Google 5: they get the first ones, and the header `X-Stop-Sequences-Fitted` says how many.',
      ),
    stream: z.boolean().nullish().describe('If true, the answer is streamed as server-sent events.'),
    temperature: z
      .number()
      .min(0)
      .max(1)
      .nullish()
      .describe('The sampling temperature, 0 to 1. The newest models accept none.'),
    top_p: z
      .number()
      .min(0)
      .max(1)
      .nullish()
      .describe('Nucleus sampling: only the most likely tokens with this total probability are considered.'),
    top_k: z
      .int()
      .min(1)
      .nullish()
      .describe('Only this many of the most likely tokens are considered. Sent to Anthropic and Google.'),
    metadata: z
      .looseObject({
        user_id: z.string().max(512).nullish().describe('Your id of the person behind the request.'),
      })
      .nullish()
      .describe('Anthropic receives `user_id`. Other fields are accepted and ignored.'),
    service_tier: z
      .enum(['auto', 'standard_only'])
      .nullish()
      .describe('Accepted and ignored: the tier is that of the provider.'),
    diagnostics: z
      .looseObject({})
      .nullish()
      .describe('Accepted and ignored: nothing is told about misses of the cache.'),
  })
  .refine(
    ({ thinking: asked, max_tokens }) => asked?.type !== 'enabled' || asked.budget_tokens < max_tokens,
    { path: ['thinking', 'budget_tokens'], error: 'Must be less than max_tokens' },
  )
  .meta({ id: 'CreateMessageRequest' });
export type MessagesRequest = z.infer<typeof messagesRequest>;

/** POST /v1/messages/count_tokens: a request without the fields that only say how to answer. */
export const countTokensRequest = z.strictObject(inputFields).meta({ id: 'CountMessageTokensRequest' });
export type CountTokensRequest = z.infer<typeof countTokensRequest>;
