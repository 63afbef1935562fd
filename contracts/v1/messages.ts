import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import {
  calledToolName,
  jsonSchema,
  stopSequence,
  TEXT_MAX,
  TOOLS_MAX,
  toolCallId,
  toolName,
} from '../chat.ts';

/**
 * POST /v1/messages as Anthropic's own SDKs send it (platform.claude.com/docs/en/api/messages). Hints that change neither the answer
 * nor its price, such as `cache_control`, are taken and not used. What would change them and is not offered is refused by name.
 */

const textBlock = z.looseObject({
  type: z.literal('text').describe('This is text'),
  text: z.string().max(TEXT_MAX).describe('The text'),
});

const imageBlock = z.looseObject({
  type: z.literal('image').describe('This is an image'),
  source: z
    .discriminatedUnion('type', [
      z.looseObject({
        type: z.literal('base64').describe('The bytes themselves'),
        media_type: z
          .enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
          .describe('What the bytes are'),
        data: z.base64().describe('The bytes, in base64'),
      }),
      z.looseObject({
        type: z.literal('url').describe('An address, from which the provider fetches it'),
        url: z.url({ protocol: /^https$/, error: 'An https URL' }).describe('Where the provider finds it'),
      }),
    ])
    .describe('The image: its bytes, or where it is'),
});

/** What a tool answered. Only text: no other kind of provider takes images there. */
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result').describe('This is what a tool answered'),
  tool_use_id: toolCallId,
  content: z
    .union([z.string().max(TEXT_MAX), z.array(textBlock)])
    .nullish()
    .describe('What it answered: text, or blocks of text'),
  is_error: z.boolean().nullish().describe('The tool failed, and its content says how'),
});

const toolUseBlock = z.looseObject({
  type: z.literal('tool_use').describe('This is a call of a tool'),
  id: toolCallId,
  name: calledToolName,
  input: z
    .record(z.string(), z.unknown())
    .refine((input) => JSON.stringify(input).length <= TEXT_MAX, 'Too long')
    .describe('Its arguments'),
});

const thinkingBlock = z
  .looseObject({
    type: z.literal('thinking').describe('This is what the model thought'),
    thinking: z.string().describe('What the model thought'),
  })
  .describe('Taken, and left out: only its own provider could read it');
const redactedThinkingBlock = z
  .looseObject({
    type: z.literal('redacted_thinking').describe('This is what the model thought, unreadable'),
    data: z.string().describe('What the model thought'),
  })
  .describe('Taken, and left out: only its own provider could read it');

const systemText = z.union([z.string().max(TEXT_MAX), z.array(textBlock)]);

const messageParam = z.discriminatedUnion('role', [
  z.looseObject({
    role: z.literal('system').describe('These are instructions: they go before what users say'),
    content: systemText.describe('Instructions'),
  }),
  z.looseObject({
    role: z.literal('user').describe('This is what a user says'),
    content: z
      .union([
        z.string().max(TEXT_MAX),
        z.array(z.discriminatedUnion('type', [textBlock, imageBlock, toolResultBlock])).min(1),
      ])
      .describe('What the user says: text, or blocks of text, images and what tools answered'),
  }),
  z.looseObject({
    role: z.literal('assistant').describe('This is what the model said'),
    content: z
      .union([
        z.string().max(TEXT_MAX),
        z.array(
          z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock]),
        ),
      ])
      .describe('What the model said: text, or blocks of text and calls of tools'),
  }),
]);
export type MessageParam = z.infer<typeof messageParam>;

const tool = z.looseObject({
  type: z
    .literal('custom', 'Only custom tools: those you run yourself')
    .nullish()
    .describe('Tools that Anthropic runs itself are billed beside the tokens, so they are refused'),
  name: toolName,
  description: z.string().max(TEXT_MAX).optional().describe('What it does, for the model'),
  input_schema: jsonSchema.describe('A JSON Schema of an object'),
  strict: z
    .boolean()
    .nullish()
    .describe('Whether arguments must fit the schema, where a provider can make sure'),
});

const oneAtATime = {
  disable_parallel_tool_use: z.boolean().nullish().describe('Has at most one tool called at once'),
};

const toolChoice = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('auto').describe('As the model likes'), ...oneAtATime }),
  z.looseObject({ type: z.literal('any').describe('At least one tool'), ...oneAtATime }),
  z.looseObject({
    type: z.literal('tool').describe('The tool that is named'),
    name: toolName,
    ...oneAtATime,
  }),
  z.looseObject({ type: z.literal('none').describe('No tool') }),
]);

/** Everything a request may say; what is not here is refused by name. */
export const messagesRequest = z.strictObject({
  model: z.string().min(1).max(200).describe('A model of `GET /v1/models`'),
  max_tokens: z
    .int()
    .min(1)
    .max(OUTPUT_TOKENS_MAX)
    .describe('The most tokens the answer may have. That much is reserved'),
  messages: z.array(messageParam).min(1).describe('The conversation, oldest first'),
  system: systemText.optional().describe('Instructions'),
  stop_sequences: z.array(stopSequence).max(4).optional().describe('Up to 4 sequences that end the answer'),
  stream: z.boolean().optional().describe('Answers as server-sent events while the model speaks'),
  temperature: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('How freely to sample, 0 to 1; the newest models take none'),
  top_p: z.number().min(0).max(1).optional().describe('Samples from the likeliest words of this probability'),
  tools: z.array(tool).max(TOOLS_MAX).optional().describe('Functions the model may ask to be called'),
  tool_choice: toolChoice
    .optional()
    .describe(
      '`auto` (default): as the model likes; `none`: no tool is called; `any`: at least one; `tool`: the one that is named',
    ),
  output_config: z
    .strictObject({
      format: z
        .looseObject({
          type: z.literal('json_schema').describe('JSON that fits a schema'),
          schema: jsonSchema.describe('The JSON Schema the answer fits'),
        })
        .nullish()
        .describe('JSON of a schema as the answer'),
    })
    .optional()
    .describe('The form of the answer'),
  thinking: z
    .looseObject({
      type: z.literal('disabled', 'Thinking is not offered here').describe('The model does not think aloud'),
    })
    .optional()
    .describe('Not offered here: only `disabled` is taken'),
  metadata: z
    .looseObject({
      user_id: z.string().max(512).nullish().describe('Who is behind the request, as you call them'),
    })
    .optional()
    .describe('Anthropic is told the `user_id`; the rest is taken and not used'),
  cache_control: z.looseObject({}).nullish().describe('A hint, taken and not used'),
  service_tier: z.enum(['auto', 'standard_only']).optional().describe('A hint, taken and not used'),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;

const count = z.int().min(0);

/** Usage as Anthropic counts it: the classes of the prompt are disjoint, thinking is part of the output. */
export const anthropicUsage = z.object({
  input_tokens: count.describe('Tokens of the prompt, but for those of a cache'),
  cache_creation_input_tokens: count.describe('Tokens of the prompt that were written to a cache'),
  cache_read_input_tokens: count.describe('Tokens of the prompt that were read from a cache'),
  output_tokens: count.describe('Tokens of the answer, thoughts included'),
  output_tokens_details: z
    .object({ thinking_tokens: count.describe('Of the answer: thoughts') })
    .describe('What the answer is made of'),
});
export type AnthropicUsage = z.infer<typeof anthropicUsage>;

/** An answer in one piece. */
export const anthropicMessage = z.object({
  id: z.string().describe('`msg_` and the execution, whose receipt is at `/api/ai/executions/{id}`'),
  type: z.literal('message').describe('What this is'),
  role: z.literal('assistant').describe('This is what the model said'),
  model: z.string().describe('The model that was asked for'),
  content: z
    .array(
      z.discriminatedUnion('type', [
        z.object({
          type: z.literal('text').describe('This is text'),
          text: z.string().describe('What the model said'),
          citations: z.null().describe('Always null'),
        }),
        z.object({
          type: z.literal('tool_use').describe('This is a call of a tool'),
          id: z.string().describe('Which call this is, to be named with what the tool answers'),
          name: z.string().describe('The tool'),
          input: z.record(z.string(), z.unknown()).describe('Its arguments'),
        }),
      ]),
    )
    .describe('What the model said, and the tools it asks to be called'),
  stop_reason: z
    .enum(['end_turn', 'max_tokens', 'tool_use', 'refusal'])
    .nullable()
    .describe('Why it ended: by itself, at the limit of output, to have tools called, or by a filter'),
  stop_sequence: z
    .null()
    .describe('Always null: which sequence ended the answer is not known of every provider'),
  usage: anthropicUsage.describe('What was used, in the provider’s tokens'),
});
export type AnthropicMessage = z.infer<typeof anthropicMessage>;

/** Every error of `/v1/messages`, in Anthropic's shape. */
export const anthropicError = z.object({
  type: z.literal('error').describe('What this is'),
  error: z
    .object({
      type: z
        .enum([
          'invalid_request_error',
          'authentication_error',
          'billing_error',
          'permission_error',
          'not_found_error',
          'request_too_large',
          'rate_limit_error',
          'overloaded_error',
          'api_error',
        ])
        .describe('The kind of error, by its status'),
      message: z.string().describe('What happened, and what to do'),
      details: z
        .looseObject({ error_code: z.string().describe('Which error, in our own words') })
        .describe('Everything that explains it: every field and rule, or whose limit and when it resets'),
    })
    .describe('What went wrong'),
  request_id: z.string().describe('To be named when you ask for help'),
});
export type AnthropicError = z.infer<typeof anthropicError>;
