import { z } from 'zod';
import { audioPart, cache_control, documentPart, imagePart, TEXT_MAX, textPart } from './chat-parts.ts';
import { appliedEdit, contextEdits, EDITS_MAX } from './context-edits.ts';

/**
 * A chat in the neutral form between our surfaces (our own, OpenAI's and Anthropic's) and the provider adapters. Features that
 * a provider lacks are handled by {@link capability}.
 */

/** The id of a tool call. Some compatible servers put a signature of kilobytes into it and expect it back. */
export const toolCallId = z
  .string()
  .min(1)
  .max(65_536)
  .describe('The id of the tool call, as the model gave it.');

/** The name of a tool in a call. A model can name a tool that was not offered. */
export const calledToolName = z.string().min(1).max(1_024).describe('The name of the tool.');

/** The name of a tool: the strictest alphabet of all providers and the longest of their limits. Some accept only 64 characters. */
export const toolName = z
  .string()
  .regex(/^[\w-]{1,128}$/, 'letters, digits, _ and -, at most 128')
  .describe(
    'Letters, digits, `_` and `-`, at most 128 characters. Every provider but Anthropic accepts at most 64.',
  );

/** The name of a response format. */
export const schemaName = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'letters, digits, _ and -, at most 64')
  .describe('Letters, digits, `_` and `-`, at most 64 characters.');

/** The name of a participant, to tell people of one role apart. */
export const participantName = z
  .string()
  .min(1)
  .max(64)
  .describe(
    'The name of the participant, to tell people of one role apart. Sent to OpenAI, compatible servers and DeepSeek.',
  );

/** A sequence that ends the answer. */
export const stopSequence = z.string().min(1).max(500);

/** The caller's key-value pairs, with OpenAI's limits. */
export const metadata = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'At most 16 pairs')
  .describe(
    'Up to 16 key-value pairs, with keys of up to 64 and values of up to 512 characters. Stored with the prompt. Anthropic receives `user_id`.',
  )
  .meta({ id: 'Metadata' });

const writtenArguments = z
  .string()
  .describe('The arguments as the model wrote them. They should be JSON, and the model can get it wrong.');

/** Fields of one server that mean something to it alone, such as Gemini's thought signatures. It expects them back. */
export const extraContent = z
  .record(z.string(), z.unknown())
  .describe('Fields that the provider added. Send them back with the message.');

/** A tool call in an answer, of any length. */
export const toolCall = z
  .strictObject({
    id: toolCallId,
    name: calledToolName,
    arguments: writtenArguments,
    extra_content: extraContent.optional(),
  })
  .meta({ id: 'ToolCall' });
export type ToolCall = z.infer<typeof toolCall>;

/** A tool call in a request. */
const sentToolCall = toolCall
  .extend({ arguments: writtenArguments.max(TEXT_MAX), cache_control })
  .meta({ id: 'SentToolCall' });

/** A piece of the model's reasoning. `signature` proves to the provider that it wrote it; `encrypted` is reasoning only it can read. */
export const reasoningPart = z
  .strictObject({
    text: z.string().max(TEXT_MAX).describe('The reasoning. Empty if it is encrypted.'),
    signature: z
      .string()
      .max(TEXT_MAX)
      .optional()
      .describe("The provider's signature. Send it back with the text."),
    encrypted: z.string().max(TEXT_MAX).optional().describe('The reasoning, readable by the provider alone.'),
  })
  .meta({ id: 'ReasoningPart' });
export type ReasoningPart = z.infer<typeof reasoningPart>;

/** The most blocks of an answer whose order is told. */
export const ORDER_MAX = 1_024;

/** One block of an answer in its place: the next piece of the reasoning, the next characters of the text, or the next tool call. */
export const answerPlace = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('reasoning').describe('The next piece of the reasoning.') }),
    z.strictObject({
      type: z.literal('text').describe('The next part of the text.'),
      length: z.int().min(1).describe('The number of characters, in UTF-16.'),
    }),
    z.strictObject({ type: z.literal('tool_call').describe('The next tool call.') }),
  ])
  .meta({ id: 'AnswerPlace' });
export type AnswerPlace = z.infer<typeof answerPlace>;

/** Parts of an answer that are neither its text nor its tool calls. Providers expect them back with the conversation. */
export const answerExtras = {
  reasoning: z
    .array(reasoningPart)
    .optional()
    .describe("The model's reasoning, where the provider shows it."),
  reasoning_details: z
    .array(z.unknown())
    .optional()
    .describe(
      "The reasoning in the provider's own form, as OpenRouter gives it. Send it back with the message.",
    ),
  extra_content: extraContent.optional(),
  order: z
    .array(answerPlace)
    .max(ORDER_MAX)
    .optional()
    .describe(
      'The order of reasoning, text and tool calls, if it is another than this one. Send it back with the message: Anthropic takes reasoning back only in its place.',
    ),
};
export type AnswerExtras = z.infer<z.ZodObject<typeof answerExtras>>;

/** The most characters of a refusal's category, and of its explanation. */
export const REFUSAL_MAX = { category: 200, explanation: 4_000 };

/** Details of a refusal, in its own words. */
export const answerRefusal = z
  .strictObject({
    category: z
      .string()
      .max(REFUSAL_MAX.category)
      .nullable()
      .describe('The category of the policy, such as `cyber` or `bio`. Null if the provider names none.'),
    explanation: z
      .string()
      .max(REFUSAL_MAX.explanation)
      .nullable()
      .describe('A sentence for people. Null if the provider gives none.'),
  })
  .meta({ id: 'AnswerRefusal' });
export type AnswerRefusal = z.infer<typeof answerRefusal>;

/** Details that are told with the end of an answer, beside the finish reason. */
export const endDetails = {
  stop_sequence: z
    .string()
    .optional()
    .describe('The stop sequence that ended the answer, where the provider tells it.'),
  stop_cause: z
    .enum(['context_window', 'pause'])
    .optional()
    .describe(
      'The cause of the end, where the provider tells more than the finish reason: `context_window`: the context window of the model is full; `pause`: the provider paused a long turn, and continues it if you send the answer back.',
    ),
  refusal: answerRefusal.optional().describe('The reason of a refusal, where the provider tells it.'),
  applied_edits: z
    .array(appliedEdit)
    .max(EDITS_MAX)
    .optional()
    .describe('The edits of the conversation that the provider made, where it tells them.'),
};
export type EndDetails = z.infer<z.ZodObject<typeof endDetails>>;

/** The largest number of tools in a request and of tool calls in an answer. */
export const TOOLS_MAX = 128;

/** A part of the message of a user, or of the result of a tool. */
export const contentPart = z.discriminatedUnion('type', [textPart, imagePart, documentPart, audioPart]);

/** One message of a conversation. */
export const chatMessage = z
  .discriminatedUnion('role', [
    z.strictObject({
      role: z
        .literal('system')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: z.array(textPart).min(1).describe('The instructions.'),
      name: participantName.optional(),
    }),
    z.strictObject({
      role: z.literal('user').describe('A message from the user.'),
      content: z.array(contentPart).min(1).describe('The message: texts, images, documents and audio.'),
      name: participantName.optional(),
    }),
    z.strictObject({
      role: z.literal('assistant').describe('A message from the model.'),
      content: z.array(textPart).describe('The text of the answer.'),
      name: participantName.optional(),
      tool_calls: z.array(sentToolCall).max(TOOLS_MAX).optional().describe('The tool calls in this message.'),
      ...answerExtras,
    }),
    z.strictObject({
      role: z.literal('tool').describe('The result of a tool call.'),
      tool_call_id: toolCallId,
      content: z
        .array(contentPart)
        .min(1)
        .describe(
          'The result: texts, images, documents and audio. Images and documents reach Anthropic in it; other providers get them in a message of the user.',
        ),
      is_error: z.boolean().optional().describe('True if the tool failed. The content explains the failure.'),
    }),
  ])
  .meta({ id: 'StoredMessage' });
export type ChatMessage = z.infer<typeof chatMessage>;

/** A JSON Schema, passed on unchecked: providers support different parts of it. */
export const jsonSchema = z.record(z.string(), z.unknown());

/** A function that the model can call. */
const tool = z
  .strictObject({
    name: toolName,
    description: z.string().max(TEXT_MAX).optional().describe('A description of the tool, for the model.'),
    parameters: jsonSchema.describe('The parameters, as a JSON Schema of an object.'),
    strict: z
      .boolean()
      .optional()
      .describe('If true, arguments must match the schema, where the provider supports it.'),
    cache_control,
  })
  .meta({ id: 'Tool' });

/** Controls tool calls: the model decides, none, at least one, or the named tool. */
const toolChoice = z
  .union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: toolName })])
  .meta({ id: 'ToolChoice' });

/** The format of the answer: text, any JSON object, or JSON that matches a schema. */
const responseFormat = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text').describe('Plain text.') }),
    z.strictObject({ type: z.literal('json_object').describe('Any JSON object.') }),
    z.strictObject({
      type: z.literal('json_schema').describe('JSON that matches a schema.'),
      name: schemaName,
      description: z
        .string()
        .max(TEXT_MAX)
        .optional()
        .describe('A description of the format, for the model.'),
      schema: jsonSchema.describe('The JSON Schema of the answer.'),
      strict: z
        .boolean()
        .optional()
        .describe('If true, the answer must match the schema, where the provider supports it.'),
    }),
  ])
  .meta({ id: 'ResponseFormat' });

/** The effort that a model puts into reasoning before it answers. */
export const reasoningEffort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

/** The reasoning to ask for. `mode` and `budget_tokens` are Anthropic's; other kinds get the nearest effort. */
const reasoningOptions = z
  .strictObject({
    effort: reasoningEffort
      .optional()
      .describe('The effort. `none` switches reasoning off where the model allows it.'),
    mode: z
      .enum(['enabled', 'adaptive', 'disabled'])
      .optional()
      .describe('`enabled` with a budget, `adaptive` as the model sees fit, or `disabled`.'),
    budget_tokens: z
      .int()
      .min(1)
      .optional()
      .describe('The most tokens of reasoning. They are part of the output.'),
    display: z
      .enum(['summarized', 'omitted'])
      .optional()
      .describe('The form in which Anthropic shows the reasoning. The default depends on the model.'),
  })
  .meta({ id: 'ReasoningOptions' });

/** A chat without its model and its output limit, which the plan of an execution decides. */
export const chatOptions = z.strictObject({
  messages: z.array(chatMessage).min(1).describe('The conversation, oldest message first.'),
  tools: z.array(tool).min(1).max(TOOLS_MAX).optional().describe('The tools the model may call.'),
  tool_choice: toolChoice
    .optional()
    .describe(
      'Controls tool calls. `auto` (default) lets the model decide, `none` forbids calls, `required` forces at least one, and a name forces that tool.',
    ),
  parallel_tool_calls: z
    .boolean()
    .optional()
    .describe(
      'If false, the model calls at most one tool at a time. Google and DeepSeek cannot be asked for that: the first call of the answer is delivered, and the header `X-Tool-Calls-Fitted` says so.',
    ),
  response_format: responseFormat
    .optional()
    .describe('The format of the answer: text (default), any JSON object, or JSON that matches a schema.'),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe(
      'The sampling temperature, 0 to 2. Anthropic accepts at most 1, and its newest models accept none.',
    ),
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
  stop: z
    .array(stopSequence)
    .min(1)
    .max(16)
    .optional()
    .describe(
      'Sequences that end the answer. OpenAI and compatible servers take 4, Google 5: they get the first ones, and the header `X-Stop-Sequences-Fitted` says how many.',
    ),
  context_edits: contextEdits.optional(),
  reasoning: reasoningOptions.optional().describe('The reasoning to ask for.'),
  metadata: metadata.optional(),
  /**
   * Parameters of OpenAI's API and of compatible servers that have no field here: passed on, as they are, to providers that speak it, and
   * to them only, if their names are known (worker/providers/chat/known-parameters.ts) or the provider's settings allow them.
   */
  extra: z.record(z.string(), z.unknown()).optional(),
  /** Names of Anthropic's previews that the client asks for: those that are known not to change a price are sent (worker/providers/anthropic/betas.ts). */
  betas: z.array(z.string().max(100)).max(50).optional(),
});
export type ChatOptions = z.infer<typeof chatOptions>;

/** Features that a request can need and a model can lack. */
export const capability = z.enum([
  'images',
  'image_urls',
  'documents',
  'audio',
  'tools',
  'json_object',
  'json_schema',
]);
export type Capability = z.infer<typeof capability>;
