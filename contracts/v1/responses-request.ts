import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import { askedModel, fallbackModels } from '../catalog/model-routing.ts';
import { jsonSchema, metadata, reasoningEffort, schemaName, TOOLS_MAX } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { responseInputItem } from './responses-items.ts';
import { responseTool, responseToolChoice } from './responses-tools.ts';

/**
 * POST /v1/responses as OpenAI's SDKs send it (platform.openai.com/docs/api-reference/responses/create). Fields without a counterpart are
 * refused by name if they change what is answered or what it costs, and ignored if they do not.
 */

const textFormat = z
  .discriminatedUnion('type', [
    z.looseObject({ type: z.literal('text').describe('Plain text.') }),
    z.looseObject({ type: z.literal('json_object').describe('Any JSON object.') }),
    z.looseObject({
      type: z.literal('json_schema').describe('JSON that matches a schema.'),
      name: schemaName,
      description: z.string().max(TEXT_MAX).nullish().describe('A description of the format, for the model.'),
      schema: jsonSchema.describe('The JSON Schema of the answer.'),
      strict: z
        .boolean()
        .nullish()
        .describe('If true, the answer must match the schema, where the provider supports it.'),
    }),
  ])
  .meta({ id: 'ResponseTextFormat' });

/** Refuses a field by name, unless it is left out, null, or has a harmless value. */
const unsupported = (message: string, ...harmless: readonly unknown[]) =>
  z
    .unknown()
    .refine((value) => value == null || harmless.includes(value), message)
    .optional()
    .describe('Not supported: null or left out.');

/** A text that is sent to OpenAI and compatible servers, and to no other provider. */
const passedOn = z.string().max(TEXT_MAX).nullish();

export const responsesRequest = z
  .looseObject({
    model: askedModel.describe('The name of a model from `GET /v1/models`, or one of its aliases.'),
    models: fallbackModels.nullish().describe(fallbackModels.description ?? ''),
    input: z
      .union([z.string().min(1).max(TEXT_MAX), z.array(responseInputItem).min(1)])
      .describe('The input: text, or items, oldest first.'),
    instructions: z
      .string()
      .max(TEXT_MAX)
      .nullish()
      .describe('Instructions for the model. Those of the previous response do not apply.'),
    max_output_tokens: z
      .int()
      .min(1)
      .max(OUTPUT_TOKENS_MAX)
      .nullish()
      .describe("The largest answer, in tokens, reasoning included. Defaults to the model's limit."),
    temperature: z.number().min(0).max(2).nullish().describe('The sampling temperature, 0 to 2.'),
    top_p: z.number().min(0).max(1).nullish().describe('Nucleus sampling.'),
    stream: z.boolean().nullish().describe('If true, the answer is streamed as server-sent events.'),
    tools: z.array(responseTool).max(TOOLS_MAX).nullish().describe('The tools the model may call.'),
    tool_choice: responseToolChoice
      .nullish()
      .describe('Controls tool calls: `auto` (default), `none`, `required`, one tool, or some of the tools.'),
    parallel_tool_calls: z.boolean().nullish().describe('If false, at most one tool is called at a time.'),
    text: z
      .looseObject({
        format: textFormat.nullish().describe('The format of the answer.'),
        verbosity: z
          .enum(['low', 'medium', 'high'])
          .nullish()
          .describe('The length of the answer. Sent to OpenAI and compatible servers.'),
      })
      .nullish()
      .describe('The form of the text.'),
    reasoning: z
      .looseObject({
        effort: reasoningEffort.nullish().describe('The effort of the reasoning.'),
        summary: z
          .enum(['auto', 'concise', 'detailed'])
          .nullish()
          .describe('Reasoning is shown where the provider shows it, whatever this says.'),
      })
      .nullish()
      .describe('The reasoning to ask for.'),
    include: z
      .array(z.string().max(100))
      .max(20)
      .nullish()
      .describe('`reasoning.encrypted_content` adds what the provider wants back with its reasoning.'),
    store: z
      .boolean()
      .nullish()
      .describe(
        'If false, the response is not kept. If true, it is refused where the tenant keeps no contents. By default it is kept if the tenant keeps contents.',
      ),
    previous_response_id: z
      .string()
      .max(100)
      .nullish()
      .describe(
        'The id of a kept response of yours, which this one continues. An API key needs the scope `executions:read` for it.',
      ),
    metadata: metadata.nullish().describe(metadata.description ?? ''),
    background: z
      .boolean()
      .nullish()
      .describe(
        'If true, the answer comes at once and the response runs for up to one hour. Retrieve it by its id.',
      ),
    prompt_cache_key: passedOn.describe('Helps the provider to find the prompt in its cache.'),
    prompt_cache_retention: passedOn.describe('The time for which the provider caches the prompt.'),
    safety_identifier: passedOn.describe('An id of the person who asks, for the provider.'),
    user: passedOn.describe('The older name of `safety_identifier` and `prompt_cache_key`.'),
    seed: z.int().nullish().describe('Makes answers alike. Sent to OpenAI and compatible servers.'),
    context_management: unsupported('Nothing is left out of the input'),
    conversation: unsupported('Conversations are not kept: use previous_response_id'),
    prompt: unsupported('Prompts are not kept: send instructions and input'),
    max_tool_calls: unsupported('No tool runs at the provider'),
    top_logprobs: unsupported('Not supported', 0),
    truncation: unsupported('Nothing is left out of the input', 'disabled'),
    service_tier: unsupported('Another tier has another price', 'auto', 'default'),
  })
  .meta({ id: 'ResponsesRequest' });
export type ResponsesRequest = z.infer<typeof responsesRequest>;
