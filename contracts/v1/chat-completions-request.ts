import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import { askedModel, fallbackModels } from '../catalog/model-routing.ts';
import {
  calledToolName,
  extraContent,
  jsonSchema,
  metadata,
  participantName,
  reasoningEffort,
  schemaName,
  stopSequence,
  TOOLS_MAX,
  toolCallId,
  toolName,
} from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { unsupportedField } from '../unsupported.ts';
import { cache_control, contentPart, textPart } from './chat-completions-parts.ts';

/**
 * POST /v1/chat/completions as OpenAI's SDKs send it (platform.openai.com/docs/api-reference/chat). Objects are loose because OpenAI
 * adds fields: unknown fields are passed on to providers of this API, or refused by name if they would change the cost.
 */

const refusalPart = z
  .looseObject({
    type: z.literal('refusal').describe('A refusal by the model.'),
    refusal: z.string().max(TEXT_MAX).describe('The text of the refusal.'),
  })
  .meta({ id: 'ChatCompletionRefusalPart' });

const text = z.union([z.string().max(TEXT_MAX), z.array(textPart).min(1)]);
const name = participantName.nullish();
const reasoning = z.string().max(TEXT_MAX).nullish();

/** A call of a tool, in requests and answers. */
export const openAiToolCall = z
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
    extra_content: extraContent.nullish(),
  })
  .meta({ id: 'ChatCompletionToolCall' });

const unfinished = z
  .literal(false, 'The answer to continue cannot be sent')
  .nullish()
  .describe('Not supported: false or left out.');

/** Fields of the model's messages that would change the answer and are not carried. Other unknown fields are left out. */
const uncarried = {
  function_call: unsupportedField('Send it as tool_calls'),
  audio: unsupportedField('Audio is not supported'),
  prefix: unfinished,
  partial: unfinished,
};

/** One message of a conversation. `developer` is OpenAI's newer name for `system`. */
export const openAiMessage = z
  .discriminatedUnion('role', [
    z.looseObject({
      role: z
        .literal('system')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: text.describe('The instructions.'),
      name,
      cache_control,
    }),
    z.looseObject({
      role: z
        .literal('developer')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: text.describe('The instructions.'),
      name,
      cache_control,
    }),
    z.looseObject({
      role: z.literal('user').describe('A message from the user.'),
      content: z
        .union([z.string().max(TEXT_MAX), z.array(contentPart).min(1)])
        .describe('The message: text, or parts of text, images, files and audio.'),
      name,
      cache_control,
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
      tool_calls: z
        .array(openAiToolCall)
        .max(TOOLS_MAX)
        .nullish()
        .describe('The tool calls in this message.'),
      reasoning_content: reasoning.describe('The reasoning of the model. Send it back as you received it.'),
      reasoning: reasoning.describe('Another name of `reasoning_content`.'),
      reasoning_details: z
        .array(z.unknown())
        .nullish()
        .describe('The reasoning in the form of the provider. Send it back as you received it.'),
      extra_content: extraContent.nullish(),
      ...uncarried,
      name,
      cache_control,
    }),
    z.looseObject({
      role: z.literal('tool').describe('The result of a tool call.'),
      tool_call_id: toolCallId,
      content: z
        .union([z.string().max(TEXT_MAX), z.array(contentPart).min(1)])
        .nullish()
        .describe('The result: text, or parts of text, images, files and audio. Null for an empty one.'),
      cache_control,
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
        description: z.string().max(TEXT_MAX).nullish().describe('A description of the tool, for the model.'),
        parameters: jsonSchema
          .nullish()
          .describe(
            'The parameters, as a JSON Schema of an object. Leave it out for a function without parameters.',
          ),
        strict: z
          .boolean()
          .nullish()
          .describe('If true, arguments must match the schema, where the provider supports it.'),
      })
      .describe('The function.'),
    cache_control,
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
          schema: jsonSchema.nullish().describe('The JSON Schema of the answer.'),
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

/** The fields of a request that have one in the neutral form. All others go to {@link ChatOptions.extra}, where most are refused. */
export const chatCompletionRequest = z
  .looseObject({
    model: askedModel.describe('The name of a model from `GET /v1/models`, or one of its aliases.'),
    models: fallbackModels.nullish().describe(fallbackModels.description ?? ''),
    messages: z.array(openAiMessage).min(1).describe('The conversation, oldest message first.'),
    max_completion_tokens: outputTokens.describe(
      "The largest answer, in tokens, reasoning included. Defaults to the model's limit, or less where all of it is held from the start.",
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
    reasoning_effort: z
      .union([reasoningEffort, z.string().min(1).max(64)])
      .nullish()
      .describe(
        'The effort of the reasoning: `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`. Any other value is sent only to providers with this API.',
      ),
    metadata: metadata.nullish().describe(metadata.description ?? ''),
  })
  .meta({ id: 'ChatCompletionRequest' });
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;
