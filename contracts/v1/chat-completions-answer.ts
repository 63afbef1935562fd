import { z } from 'zod';
import { extraContent } from '../chat/chat.ts';
import { openAiToolCall } from './chat-completions-request.ts';

/** The answers, stream chunks, models and errors of OpenAI's Chat Completions API. */

const count = z.int().min(0);

/** Parts of an answer beside its text, in compatible servers' form: DeepSeek's, OpenRouter's and Google's. */
const extras = {
  reasoning_content: z
    .string()
    .optional()
    .describe("The model's reasoning, where the provider shows it. It is billed as output."),
  reasoning_details: z
    .array(z.unknown())
    .optional()
    .describe('The reasoning in the form of the provider. Send it back with the message.'),
  extra_content: extraContent.optional(),
};

const finishReason = z.enum(['stop', 'length', 'content_filter', 'tool_calls']);

/** Tokens of images and audio, where there are any. */
const media = {
  image_tokens: count.optional().describe('Tokens of images. Missing if there are none.'),
  audio_tokens: count.optional().describe('Tokens of audio. Missing if there are none.'),
};

/** Usage as OpenAI counts it: cached tokens are part of the prompt, reasoning is part of the completion. */
export const openAiUsage = z
  .object({
    prompt_tokens: count.describe('Prompt tokens, cached ones included.'),
    completion_tokens: count.describe('Tokens of the answer, reasoning included.'),
    total_tokens: count.describe('The sum of prompt and completion tokens.'),
    prompt_tokens_details: z
      .object({
        cached_tokens: count.describe("Prompt tokens read from the provider's cache."),
        ...media,
      })
      .describe('Details of the prompt tokens.'),
    completion_tokens_details: z
      .object({
        reasoning_tokens: count.describe('Reasoning tokens, which are part of the answer.'),
        ...media,
      })
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
    model: z.string().describe('The public name of the model that answered.'),
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
                .string()
                .nullable()
                .describe(
                  "The provider's explanation of a refusal, where it gives one apart. Otherwise null: a refusal is returned as content, with `finish_reason` set to `content_filter`.",
                ),
              tool_calls: z.array(openAiToolCall).optional().describe('The tool calls in the answer.'),
              ...extras,
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
    model: z.string().describe('The public name of the model that answers.'),
    choices: z
      .array(
        z
          .object({
            index: count.describe('Always 0: an answer has one choice.'),
            delta: z
              .object({
                role: z.literal('assistant').optional().describe('The role, in the first chunk.'),
                content: z.string().nullable().optional().describe('A piece of the answer.'),
                refusal: z
                  .string()
                  .nullable()
                  .optional()
                  .describe("The provider's explanation of a refusal. Null in the first chunk."),
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
                        extra_content: extraContent.optional(),
                      })
                      .meta({ id: 'ChatCompletionChunkToolCall' }),
                  )
                  .optional()
                  .describe('Tool calls that start or continue.'),
                ...extras,
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
    created: count.describe('The time at which it was added, in seconds since 1970.'),
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
