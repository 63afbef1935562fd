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
 * POST /v1/chat/completions as OpenAI's SDKs send it (platform.openai.com/docs/api-reference/chat). Objects are loose because OpenAI
 * adds fields: unknown fields are passed on to providers of this API, or refused by name if they would change the cost.
 */

const textPart = z
  .looseObject({
    type: z.literal('text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
  })
  .meta({ id: 'ChatCompletionTextPart' });

const imagePart = z
  .looseObject({
    type: z.literal('image_url').describe('An image.'),
    image_url: z
      .looseObject({
        url: z
          .string()
          .refine((url) => imageSourceOf(url) !== null, {
            message: 'An https URL, or a data URL of a PNG, JPEG, GIF or WebP in base64',
          })
          .describe('An https URL, or a data URL with a PNG, JPEG, GIF or WebP in base64.'),
        detail: z
          .enum(['auto', 'low', 'high'])
          .optional()
          .describe('The level of detail. More detail uses more tokens.'),
      })
      .describe('The image.'),
  })
  .meta({ id: 'ChatCompletionImagePart' });

const refusalPart = z
  .looseObject({
    type: z.literal('refusal').describe('A refusal by the model.'),
    refusal: z.string().max(TEXT_MAX).describe('The text of the refusal.'),
  })
  .meta({ id: 'ChatCompletionRefusalPart' });

const text = z.union([z.string().max(TEXT_MAX), z.array(textPart).min(1)]);
const name = participantName.nullish();

const toolCall = z
  .looseObject({
    id: toolCallId,
    type: z.literal('function').describe('Always `function`.'),
    function: z
      .looseObject({
        name: calledToolName,
        arguments: z
          .string()
          .max(TEXT_MAX)
          .describe(
            'The arguments as the model wrote them. They should be JSON, and the model can get it wrong.',
          ),
      })
      .describe('The function to call.'),
  })
  .meta({ id: 'ChatCompletionToolCall' });

/** One message of a conversation. `developer` is OpenAI's newer name for `system`. */
export const openAiMessage = z
  .discriminatedUnion('role', [
    z.looseObject({
      role: z
        .literal('system')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: text.describe('The instructions.'),
      name,
    }),
    z.looseObject({
      role: z
        .literal('developer')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: text.describe('The instructions.'),
      name,
    }),
    z.looseObject({
      role: z.literal('user').describe('A message from the user.'),
      content: z
        .union([
          z.string().max(TEXT_MAX),
          z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1),
        ])
        .describe('The message: text, or parts of text and images.'),
      name,
    }),
    z.looseObject({
      role: z.literal('assistant').describe('A message from the model.'),
      content: z
        .union([
          z.string().max(TEXT_MAX),
          z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1),
        ])
        .nullish()
        .describe('The text of the answer.'),
      refusal: z.string().max(TEXT_MAX).nullish().describe('The text of the refusal.'),
      tool_calls: z.array(toolCall).max(TOOLS_MAX).nullish().describe('The tool calls in this message.'),
      name,
    }),
    z.looseObject({
      role: z.literal('tool').describe('The result of a tool call.'),
      tool_call_id: toolCallId,
      content: text.describe('The result.'),
    }),
  ])
  .meta({ id: 'ChatCompletionMessageParam' });
export type OpenAiMessage = z.infer<typeof openAiMessage>;

const tool = z
  .looseObject({
    type: z.literal('function').describe('Always `function`.'),
    function: z
      .looseObject({
        name: toolName,
        description: z
          .string()
          .max(TEXT_MAX)
          .optional()
          .describe('A description of the tool, for the model.'),
        parameters: jsonSchema
          .optional()
          .describe(
            'The parameters, as a JSON Schema of an object. Leave it out for a function without parameters.',
          ),
        strict: z
          .boolean()
          .nullish()
          .describe('If true, arguments must match the schema, where the provider supports it.'),
      })
      .describe('The function.'),
  })
  .meta({ id: 'ChatCompletionTool' });

const toolChoice = z
  .union([
    z.enum(['none', 'auto', 'required']),
    z.looseObject({
      type: z.literal('function').describe('Always `function`.'),
      function: z.looseObject({ name: toolName }).describe('The function.'),
    }),
  ])
  .meta({ id: 'ChatCompletionToolChoice' });

const responseFormat = z
  .discriminatedUnion('type', [
    z.looseObject({ type: z.literal('text').describe('Plain text.') }),
    z.looseObject({ type: z.literal('json_object').describe('Any JSON object.') }),
    z.looseObject({
      type: z.literal('json_schema').describe('JSON that matches a schema.'),
      json_schema: z
        .looseObject({
          name: schemaName,
          description: z
            .string()
            .max(TEXT_MAX)
            .nullish()
            .describe('A description of the format, for the model.'),
          schema: jsonSchema.optional().describe('The JSON Schema of the answer.'),
          strict: z
            .boolean()
            .nullish()
            .describe('If true, the answer must match the schema, where the provider supports it.'),
        })
        .describe('The name and the schema.'),
    }),
  ])
  .meta({ id: 'ChatCompletionResponseFormat' });

const outputTokens = z.int().min(1).max(OUTPUT_TOKENS_MAX).nullish();

/** The known fields of a request. All others go to {@link ChatOptions.extra}. */
export const chatCompletionRequest = z
  .looseObject({
    model: z.string().min(1).max(200).describe('The name of a model from `GET /v1/models`.'),
    messages: z.array(openAiMessage).min(1).describe('The conversation, oldest message first.'),
    max_completion_tokens: outputTokens.describe(
      'The largest answer, in tokens, reasoning included. This much is reserved. Defaults to 2,048.',
    ),
    max_tokens: outputTokens.describe('Deprecated. Use `max_completion_tokens`.'),
    temperature: z
      .number()
      .min(0)
      .max(2)
      .nullish()
      .describe('The sampling temperature, 0 to 2. Some providers accept less.'),
    top_p: z
      .number()
      .min(0)
      .max(1)
      .nullish()
      .describe('Nucleus sampling: only the most likely tokens with this total probability are considered.'),
    stop: z
      .union([stopSequence, z.array(stopSequence).max(4)])
      .nullish()
      .describe('Up to 4 sequences that end the answer.'),
    stream: z.boolean().nullish().describe('If true, the answer is streamed as server-sent events.'),
    stream_options: z
      .looseObject({
        include_usage: z
          .boolean()
          .nullish()
          .describe('If true, an extra chunk without choices has the usage.'),
      })
      .nullish()
      .describe('Options of the stream.'),
    tools: z.array(tool).max(TOOLS_MAX).nullish().describe('The tools the model may call.'),
    tool_choice: toolChoice
      .nullish()
      .describe(
        'Controls tool calls. `auto` (default) lets the model decide, `none` forbids calls, `required` forces at least one, and a function forces that function.',
      ),
    parallel_tool_calls: z
      .boolean()
      .nullish()
      .describe('If false, the model calls at most one tool at a time.'),
    response_format: responseFormat
      .nullish()
      .describe('The format of the answer: text (default), any JSON object, or JSON that matches a schema.'),
    metadata: metadata.nullish().describe(metadata.description ?? ''),
  })
  .meta({ id: 'ChatCompletionRequest' });
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;

const count = z.int().min(0);

const finishReason = z.enum(['stop', 'length', 'content_filter', 'tool_calls']);

/** Usage as OpenAI counts it: cached tokens are part of the prompt, reasoning is part of the completion. */
export const openAiUsage = z
  .object({
    prompt_tokens: count.describe('Prompt tokens, cached ones included.'),
    completion_tokens: count.describe('Tokens of the answer, reasoning included.'),
    total_tokens: count.describe('The sum of prompt and completion tokens.'),
    prompt_tokens_details: z
      .object({
        cached_tokens: count.describe("Prompt tokens read from the provider's cache."),
      })
      .describe('Details of the prompt tokens.'),
    completion_tokens_details: z
      .object({ reasoning_tokens: count.describe('Reasoning tokens, which are part of the answer.') })
      .describe('Details of the completion tokens.'),
  })
  .meta({ id: 'ChatCompletionUsage' });
export type OpenAiUsage = z.infer<typeof openAiUsage>;

/** A complete answer. */
export const chatCompletion = z
  .object({
    id: z
      .string()
      .describe('`chatcmpl-` and the id of the execution. Its receipt is at `/api/ai/executions/{id}`.'),
    object: z.literal('chat.completion').describe('The type of the object.'),
    created: count.describe('The time the execution started, in seconds since 1970.'),
    model: z.string().describe('The model you asked for.'),
    choices: z
      .array(
        z.object({
          index: count.describe('Always 0: an answer has one choice.'),
          message: z
            .object({
              role: z.literal('assistant').describe('A message from the model.'),
              content: z
                .string()
                .nullable()
                .describe('The text of the answer. Null if the model called tools instead.'),
              refusal: z
                .null()
                .describe(
                  'Always null. A refusal is returned as content, with `finish_reason` set to `content_filter`.',
                ),
              tool_calls: z.array(toolCall).optional().describe('The tool calls in the answer.'),
            })
            .describe('The answer.'),
          logprobs: z.null().describe('Always null: log probabilities are not supported.'),
          finish_reason: z
            .enum(['stop', 'length', 'content_filter', 'tool_calls'])
            .describe(
              'The reason the answer ended: `stop`: it is complete; `length`: it reached the output limit; `content_filter`: a filter stopped it; `tool_calls`: it asks for tool calls.',
            ),
        }),
      )
      .describe('One choice.'),
    usage: openAiUsage.optional().describe('Provider tokens used.'),
  })
  .meta({ id: 'ChatCompletion' });
export type ChatCompletion = z.infer<typeof chatCompletion>;

/** One chunk of a streamed answer, the data of a server-sent event. */
export const chatCompletionChunk = z
  .object({
    id: z
      .string()
      .describe('`chatcmpl-` and the id of the execution. All chunks of a stream have the same id.'),
    object: z.literal('chat.completion.chunk').describe('Always `chat.completion.chunk`.'),
    created: count.describe('The time the execution started, in seconds since 1970.'),
    model: z.string().describe('The model you asked for.'),
    choices: z
      .array(
        z
          .object({
            index: count.describe('Always 0: an answer has one choice.'),
            delta: z
              .object({
                role: z.literal('assistant').optional().describe('The role, in the first chunk.'),
                content: z.string().nullable().optional().describe('A piece of the answer.'),
                refusal: z.null().optional().describe('Always null, in the first chunk.'),
                tool_calls: z
                  .array(
                    z
                      .object({
                        index: count.describe('The position of the call in the answer, from 0.'),
                        id: z.string().optional().describe('The id of the call, in its first chunk.'),
                        type: z
                          .literal('function')
                          .optional()
                          .describe('Always `function`, in the first chunk of the call.'),
                        function: z
                          .object({
                            name: z
                              .string()
                              .optional()
                              .describe('The name of the function, in the first chunk of the call.'),
                            arguments: z
                              .string()
                              .describe('A piece of the arguments. All pieces of a call together are JSON.'),
                          })
                          .describe('The function to call.'),
                      })
                      .meta({ id: 'ChatCompletionChunkToolCall' }),
                  )
                  .optional()
                  .describe('Tool calls that start or continue.'),
              })
              .meta({ id: 'ChatCompletionChunkDelta', description: 'The change since the last chunk.' }),
            logprobs: z.null().describe('Always null: log probabilities are not supported.'),
            finish_reason: finishReason
              .nullable()
              .describe('The reason the answer ended, in the last chunk with a choice.'),
          })
          .meta({ id: 'ChatCompletionChunkChoice' }),
      )
      .describe('One choice, or none in the chunk with the usage.'),
    usage: openAiUsage
      .nullable()
      .optional()
      .describe(
        'The usage, in the last chunk. Only with `stream_options.include_usage`; null in all other chunks.',
      ),
  })
  .meta({ id: 'ChatCompletionChunk' });
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunk>;

/** A model in OpenAI's format. */
export const openAiModel = z
  .object({
    id: z.string().describe('The name of the model. Send it as `model`.'),
    object: z.literal('model').describe('The type of the object.'),
    created: count.describe('Always 0: the time of creation is not known.'),
    owned_by: z.string().describe('The first provider of the model.'),
  })
  .meta({ id: 'OpenAiModel' });
export type OpenAiModel = z.infer<typeof openAiModel>;

/** A list of models in OpenAI's format. */
export const openAiModelList = z
  .object({
    object: z.literal('list').describe('Always `list`.'),
    data: z.array(openAiModel).describe('All models.'),
  })
  .meta({ id: 'OpenAiModelList' });

/** The error response of `/v1`, in OpenAI's format. */
export const openAiError = z
  .object({
    error: z
      .object({
        message: z.string().describe('A sentence for people: the problem and how to fix it.'),
        type: z
          .enum([
            'invalid_request_error',
            'authentication_error',
            'permission_error',
            'insufficient_quota',
            'rate_limit_error',
            'server_error',
          ])
          .describe('The type of error, by HTTP status.'),
        param: z
          .string()
          .nullable()
          .describe('The field with the error. Null if the error is not about a field.'),
        code: z.string().describe("The error code: OpenAI's where one means the same, otherwise ours."),
        details: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('The fields and their rules, or the limit with its scope and the time it resets.'),
        request_id: z.string().describe('The id of the request. Quote it when you ask for help.'),
      })
      .describe('The error.'),
  })
  .meta({ id: 'OpenAiError' });
export type OpenAiError = z.infer<typeof openAiError>;

/** The data of one server-sent event: a chunk, or the error that ended the stream. A complete answer ends with `[DONE]`. */
export const chatCompletionEvent = z
  .union([chatCompletionChunk, openAiError])
  .meta({ id: 'ChatCompletionEvent' });
