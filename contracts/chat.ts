import { z } from 'zod';

/**
 * A chat in the neutral form between our surfaces (our own, OpenAI's and Anthropic's) and the provider adapters. Features that
 * a provider lacks are handled by {@link capability}.
 */

/** The longest text of one part, in characters. A whole body may hold as much (PROMPT_LIMIT_BYTES); this bound names the field. */
export const TEXT_MAX = 8_388_608;

/** The id of a tool call. Some compatible servers put a signature of kilobytes into it and expect it back. */
export const toolCallId = z
  .string()
  .min(1)
  .max(65_536)
  .describe('The id of the tool call, as the model gave it.');

/** The name of a tool in a call. A model can name a tool that was not offered. */
export const calledToolName = z.string().min(1).max(128).describe('The name of the tool.');

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

const textPart = z
  .strictObject({
    type: z.literal('text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
  })
  .meta({ id: 'TextPart' });

/** The source of an image. Providers fetch URLs; this server never does. */
export const imageSource = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('base64').describe('The image as base64.'),
      media_type: z
        .enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
        .describe('The type of the image.'),
      data: z.base64().describe('The bytes, in base64.'),
    }),
    z.strictObject({
      kind: z.literal('url').describe('An address from which the provider fetches the image.'),
      url: z
        .url({ protocol: /^https$/, error: 'An https URL' })
        .describe('An https URL the provider can fetch.'),
    }),
  ])
  .meta({ id: 'ImageSource' });
export type ImageSource = z.infer<typeof imageSource>;

const imagePart = z
  .strictObject({
    type: z.literal('image').describe('An image.'),
    source: imageSource.describe('The image: its bytes, or its URL.'),
    detail: z
      .enum(['auto', 'low', 'high'])
      .optional()
      .describe('The level of detail, where the provider supports it. More detail uses more tokens.'),
  })
  .meta({ id: 'ImagePart' });

const writtenArguments = z
  .string()
  .describe('The arguments as the model wrote them. They should be JSON, and the model can get it wrong.');

/** A tool call in an answer, of any length. */
export const toolCall = z
  .strictObject({ id: toolCallId, name: calledToolName, arguments: writtenArguments })
  .meta({ id: 'ToolCall' });
export type ToolCall = z.infer<typeof toolCall>;

/** A tool call in a request. */
const sentToolCall = toolCall
  .extend({ arguments: writtenArguments.max(TEXT_MAX) })
  .meta({ id: 'SentToolCall' });

/** The largest number of tools in a request and of tool calls in an answer. */
export const TOOLS_MAX = 128;

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
      content: z
        .array(z.discriminatedUnion('type', [textPart, imagePart]))
        .min(1)
        .describe('The message: texts and images.'),
      name: participantName.optional(),
    }),
    z.strictObject({
      role: z.literal('assistant').describe('A message from the model.'),
      content: z.array(textPart).describe('The text of the answer.'),
      name: participantName.optional(),
      tool_calls: z.array(sentToolCall).max(TOOLS_MAX).optional().describe('The tool calls in this message.'),
    }),
    z.strictObject({
      role: z.literal('tool').describe('The result of a tool call.'),
      tool_call_id: toolCallId,
      content: z.array(textPart).min(1).describe('The result.'),
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
    .describe('If false, the model calls at most one tool at a time.'),
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
  stop: z.array(stopSequence).min(1).max(4).optional().describe('Up to 4 sequences that end the answer.'),
  metadata: metadata.optional(),
  /**
   * Parameters of OpenAI's API that we do not know: passed on, as they are, to providers that speak it, and to them only. None may
   * bear the name of one we do know.
   */
  extra: z.record(z.string(), z.unknown()).optional(),
});
export type ChatOptions = z.infer<typeof chatOptions>;

/** Features that a request can need and a model can lack. */
export const capability = z.enum(['images', 'image_urls', 'tools', 'json_object', 'json_schema']);
export type Capability = z.infer<typeof capability>;
