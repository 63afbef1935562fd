import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import {
  calledToolName,
  jsonSchema,
  metadata,
  participantName,
  schemaName,
  stopSequence,
  TEXT_MAX,
  TOOLS_MAX,
  toolCallId,
  toolName,
} from '../chat.ts';
import { imageSourceOf } from './image-url.ts';

/**
 * POST /v1/chat/completions as OpenAI's own SDKs send it (platform.openai.com/docs/api-reference/chat). Loose where OpenAI adds
 * fields: what we do not know is passed on to providers that speak this API, or refused by name where it would change the cost.
 */

const textPart = z.looseObject({
  type: z.literal('text').describe('This is text'),
  text: z.string().max(TEXT_MAX).describe('The text'),
});

const imagePart = z.looseObject({
  type: z.literal('image_url').describe('This is an image'),
  image_url: z
    .looseObject({
      url: z
        .string()
        .refine((url) => imageSourceOf(url) !== null, {
          message: 'An https URL, or a data URL of a PNG, JPEG, GIF or WebP in base64',
        })
        .describe('An https URL, or a data URL with a PNG, JPEG, GIF or WebP in base64'),
      detail: z
        .enum(['auto', 'low', 'high'])
        .optional()
        .describe('How closely to look: more detail is more tokens'),
    })
    .describe('The image'),
});

const refusalPart = z.looseObject({
  type: z.literal('refusal').describe('This is why the model refused'),
  refusal: z.string().max(TEXT_MAX).describe('How the model refused'),
});

const text = z.union([z.string().max(TEXT_MAX), z.array(textPart).min(1)]);
const name = participantName.nullish();

const toolCall = z.looseObject({
  id: toolCallId,
  type: z.literal('function').describe('The only kind of tool there is'),
  function: z
    .looseObject({
      name: calledToolName,
      arguments: z.string().max(TEXT_MAX).describe('JSON as the model wrote it: possibly not valid'),
    })
    .describe('What is called'),
});

/** One message of a conversation. `developer` is the newer word for `system`. */
export const openAiMessage = z.discriminatedUnion('role', [
  z.looseObject({
    role: z.literal('system').describe('These are instructions: they go before what users say'),
    content: text.describe('Instructions'),
    name,
  }),
  z.looseObject({
    role: z.literal('developer').describe('These are instructions: they go before what users say'),
    content: text.describe('Instructions'),
    name,
  }),
  z.looseObject({
    role: z.literal('user').describe('This is what a user says'),
    content: z
      .union([z.string().max(TEXT_MAX), z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1)])
      .describe('What the user says: text, or parts of text and images'),
    name,
  }),
  z.looseObject({
    role: z.literal('assistant').describe('This is what the model said'),
    content: z
      .union([
        z.string().max(TEXT_MAX),
        z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1),
      ])
      .nullish()
      .describe('What the model said'),
    refusal: z.string().max(TEXT_MAX).nullish().describe('How the model refused'),
    tool_calls: z.array(toolCall).max(TOOLS_MAX).nullish().describe('The tools it called'),
    name,
  }),
  z.looseObject({
    role: z.literal('tool').describe('This is what a tool answered'),
    tool_call_id: toolCallId,
    content: text.describe('What the tool answered'),
  }),
]);
export type OpenAiMessage = z.infer<typeof openAiMessage>;

const tool = z.looseObject({
  type: z.literal('function').describe('The only kind of tool there is'),
  function: z
    .looseObject({
      name: toolName,
      description: z.string().max(TEXT_MAX).optional().describe('What it does, for the model'),
      parameters: jsonSchema
        .optional()
        .describe('A JSON Schema of an object; without one it takes no arguments'),
      strict: z
        .boolean()
        .nullish()
        .describe('Whether arguments must fit the schema, where a provider can make sure'),
    })
    .describe('The function'),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({
    type: z.literal('function').describe('The only kind of tool there is'),
    function: z.looseObject({ name: toolName }).describe('The function'),
  }),
]);

const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text').describe('Text, as the model likes') }),
  z.looseObject({ type: z.literal('json_object').describe('Any JSON object') }),
  z.looseObject({
    type: z.literal('json_schema').describe('JSON that fits a schema'),
    json_schema: z
      .looseObject({
        name: schemaName,
        description: z.string().max(TEXT_MAX).nullish().describe('What the answer is for, for the model'),
        schema: jsonSchema.optional().describe('The JSON Schema the answer fits'),
        strict: z
          .boolean()
          .nullish()
          .describe('Whether the answer must fit it, where a provider can make sure'),
      })
      .describe('The schema, and its name'),
  }),
]);

const outputTokens = z.int().min(1).max(OUTPUT_TOKENS_MAX).nullish();

/** What we know of the request. Everything else is in {@link ChatOptions.extra}. */
export const chatCompletionRequest = z.looseObject({
  model: z.string().min(1).max(200).describe('A model of `GET /v1/models`'),
  messages: z.array(openAiMessage).min(1).describe('The conversation, oldest first'),
  max_completion_tokens: outputTokens.describe(
    'The most tokens the answer may have, thoughts included. That much is reserved; 2,048 when nothing is said',
  ),
  max_tokens: outputTokens.describe('The older name of `max_completion_tokens`'),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .nullish()
    .describe('How freely to sample, 0 to 2; some providers take less'),
  top_p: z.number().min(0).max(1).nullish().describe('Samples from the likeliest words of this probability'),
  stop: z
    .union([stopSequence, z.array(stopSequence).max(4)])
    .nullish()
    .describe('Up to 4 sequences that end the answer'),
  stream: z.boolean().nullish().describe('Answers as server-sent events while the model speaks'),
  stream_options: z
    .looseObject({
      include_usage: z.boolean().nullish().describe('Tells the usage in a last event without choices'),
    })
    .nullish()
    .describe('What a stream tells besides'),
  tools: z.array(tool).max(TOOLS_MAX).nullish().describe('Functions the model may ask to be called'),
  tool_choice: toolChoice
    .nullish()
    .describe(
      '`auto` (default): as the model likes; `none`: no tool is called; `required`: at least one; or the function to be called',
    ),
  parallel_tool_calls: z.boolean().nullish().describe('Whether several tools may be called at once'),
  response_format: responseFormat
    .nullish()
    .describe('The form of the answer: text (default), any JSON object, or JSON of a schema'),
  metadata: metadata.nullish(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;

const count = z.int().min(0);

/** Usage as OpenAI counts it: what was read from a cache is part of the prompt, reasoning part of the completion. */
export const openAiUsage = z.object({
  prompt_tokens: count.describe('Tokens of the prompt, those from a cache included'),
  completion_tokens: count.describe('Tokens of the answer, thoughts included'),
  total_tokens: count.describe('Both together'),
  prompt_tokens_details: z
    .object({
      cached_tokens: count.describe('Of the prompt: read from the provider’s cache'),
    })
    .describe('Of the prompt'),
  completion_tokens_details: z
    .object({ reasoning_tokens: count.describe('Of the answer: thoughts') })
    .describe('Of the answer'),
});
export type OpenAiUsage = z.infer<typeof openAiUsage>;

/** An answer in one piece. */
export const chatCompletion = z.object({
  id: z.string().describe('`chatcmpl-` and the execution, whose receipt is at `/api/ai/executions/{id}`'),
  object: z.literal('chat.completion').describe('What this is'),
  created: count.describe('When it began, in seconds since 1970'),
  model: z.string().describe('The model that was asked for'),
  choices: z
    .array(
      z.object({
        index: count.describe('Always 0: there is one choice'),
        message: z
          .object({
            role: z.literal('assistant').describe('This is what the model said'),
            content: z.string().nullable().describe('What the model said; null when it called tools instead'),
            refusal: z.null().describe('Always null: a refusal is content, and `finish_reason` says so'),
            tool_calls: z.array(toolCall).optional().describe('The tools it asks to be called'),
          })
          .describe('What was answered'),
        logprobs: z.null().describe('Always null: log probabilities are not offered'),
        finish_reason: z
          .enum(['stop', 'length', 'content_filter', 'tool_calls'])
          .describe('Why it ended: by itself, at the limit of output, by a filter, or to have tools called'),
      }),
    )
    .describe('One'),
  usage: openAiUsage.optional().describe('What was used, in the provider’s tokens'),
});
export type ChatCompletion = z.infer<typeof chatCompletion>;

/** A model as `GET /v1/models` shows it. */
export const openAiModel = z.object({
  id: z.string().describe('The name to ask for'),
  object: z.literal('model').describe('What this is'),
  created: count.describe('Always 0: nobody knows'),
  owned_by: z.string().describe('The first provider behind it'),
});
export type OpenAiModel = z.infer<typeof openAiModel>;

/** Every error of `/v1`, in OpenAI's shape. */
export const openAiError = z.object({
  error: z
    .object({
      message: z.string().describe('What happened, and what to do'),
      type: z
        .enum([
          'invalid_request_error',
          'authentication_error',
          'permission_error',
          'insufficient_quota',
          'rate_limit_error',
          'server_error',
        ])
        .describe('The kind of error, by its status'),
      param: z.string().nullable().describe('The field at fault, where one is'),
      code: z.string().describe('Which error: one of ours, or OpenAI’s own word where it means the same'),
      details: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('Everything that explains it: every field and rule, or whose limit and when it resets'),
      request_id: z.string().describe('To be named when you ask for help'),
    })
    .describe('What went wrong'),
});
export type OpenAiError = z.infer<typeof openAiError>;
