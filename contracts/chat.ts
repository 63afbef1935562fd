import { z } from 'zod';

/**
 * What any provider can be asked, whatever its wire format: the neutral form between our APIs (our own, OpenAI's and
 * Anthropic's shapes) and the adapters. What a provider cannot do is decided by {@link capability}, not by leaving it out.
 */

/** Longest text of one part, in characters: as much as a body may hold (PROMPT_LIMIT_BYTES), so this only names the field. */
export const TEXT_MAX = 8_388_608;

/** An id of a tool's call. Some compatible servers put a whole signature into it, of kilobytes, and want it back. */
export const toolCallId = z.string().min(1).max(65_536).describe('Which call this is, as the model named it');

/** The name of a tool in a call: a model may call what nobody offered. */
export const calledToolName = z.string().min(1).max(128).describe('The tool');

/** The name of a tool: the strictest alphabet of all providers, the longest of their limits. Some take 64 characters only. */
export const toolName = z
  .string()
  .regex(/^[\w-]{1,128}$/, 'letters, digits, _ and -, at most 128')
  .describe('Letters, digits, `_` and `-`, at most 128; every provider but Anthropic takes 64');

/** The name of a form of answer. */
export const schemaName = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'letters, digits, _ and -, at most 64')
  .describe('Letters, digits, `_` and `-`, at most 64');

/** Who speaks, where several people share a role. */
export const participantName = z
  .string()
  .min(1)
  .max(64)
  .describe('The participant, where several share a role; sent to OpenAI, compatible servers and DeepSeek');

/** A sequence that ends the answer. */
export const stopSequence = z.string().min(1).max(500);

/** Pairs that belong to the caller, as OpenAI bounds them. */
export const metadata = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'At most 16 pairs')
  .describe(
    'Up to 16 pairs of your own, names of 64 and values of 512 characters. Kept where the prompt is; Anthropic is told `user_id`',
  );

const textPart = z.strictObject({
  type: z.literal('text').describe('This is text'),
  text: z.string().max(TEXT_MAX).describe('The text'),
});

/** Where an image is. Providers fetch URLs themselves; we never do. */
export const imageSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('base64').describe('The bytes themselves'),
    media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']).describe('What the bytes are'),
    data: z.base64().describe('The bytes, in base64'),
  }),
  z.strictObject({
    kind: z.literal('url').describe('An address, from which the provider fetches it'),
    url: z
      .url({ protocol: /^https$/, error: 'An https URL' })
      .describe('Where the provider finds it, by https'),
  }),
]);
export type ImageSource = z.infer<typeof imageSource>;

const imagePart = z.strictObject({
  type: z.literal('image').describe('This is an image'),
  source: imageSource.describe('The image: its bytes, or where it is'),
  detail: z
    .enum(['auto', 'low', 'high'])
    .optional()
    .describe('How closely to look, where a provider asks: more detail is more tokens'),
});

const writtenArguments = z
  .string()
  .describe('JSON as the model wrote it: possibly not valid, and not ours to judge');

/** A call the model asks for, of whatever length it made it. */
export const toolCall = z.strictObject({ id: toolCallId, name: calledToolName, arguments: writtenArguments });
export type ToolCall = z.infer<typeof toolCall>;

/** The same, as a part of a conversation that is sent. */
const sentToolCall = toolCall.extend({ arguments: writtenArguments.max(TEXT_MAX) });

/** How many tools a request may offer, and an answer call. */
export const TOOLS_MAX = 128;

/** One turn of a conversation. */
export const chatMessage = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('system').describe('These are instructions: they go before what users say'),
    content: z.array(textPart).min(1).describe('Instructions'),
    name: participantName.optional(),
  }),
  z.strictObject({
    role: z.literal('user').describe('This is what a user says'),
    content: z
      .array(z.discriminatedUnion('type', [textPart, imagePart]))
      .min(1)
      .describe('What the user says: texts and images'),
    name: participantName.optional(),
  }),
  z.strictObject({
    role: z.literal('assistant').describe('This is what the model said'),
    content: z.array(textPart).describe('What the model said'),
    name: participantName.optional(),
    tool_calls: z.array(sentToolCall).max(TOOLS_MAX).optional().describe('The tools it called'),
  }),
  z.strictObject({
    role: z.literal('tool').describe('This is what a tool answered'),
    tool_call_id: toolCallId,
    content: z.array(textPart).min(1).describe('What the tool answered'),
    is_error: z.boolean().optional().describe('The tool failed, and its content says how'),
  }),
]);
export type ChatMessage = z.infer<typeof chatMessage>;

/** A JSON Schema, as it is: providers differ in what they take of it. */
export const jsonSchema = z.record(z.string(), z.unknown());

/** A function the model may ask to be called. */
const tool = z.strictObject({
  name: toolName,
  description: z.string().max(TEXT_MAX).optional().describe('What it does, for the model'),
  parameters: jsonSchema.describe('A JSON Schema of an object'),
  strict: z
    .boolean()
    .optional()
    .describe('Whether arguments must fit the schema, where a provider can make sure'),
});

/** What the model may do about tools: as it likes, nothing, at least one, or this one. */
const toolChoice = z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: toolName })]);

/** The form of the answer: text, any JSON object, or JSON of this schema. */
const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text').describe('Text, as the model likes') }),
  z.strictObject({ type: z.literal('json_object').describe('Any JSON object') }),
  z.strictObject({
    type: z.literal('json_schema').describe('JSON that fits a schema'),
    name: schemaName,
    description: z.string().max(TEXT_MAX).optional().describe('What the answer is for, for the model'),
    schema: jsonSchema.describe('The JSON Schema the answer fits'),
    strict: z.boolean().optional().describe('Whether the answer must fit it, where a provider can make sure'),
  }),
]);

/** Everything about a chat but its model and its output limit, which the plan of an execution decides. */
export const chatOptions = z.strictObject({
  messages: z.array(chatMessage).min(1).describe('The conversation, oldest first'),
  tools: z.array(tool).min(1).max(TOOLS_MAX).optional().describe('Functions the model may ask to be called'),
  tool_choice: toolChoice
    .optional()
    .describe(
      '`auto` (default): as the model likes; `none`: no tool is called; `required`: at least one; or the tool to be called',
    ),
  parallel_tool_calls: z.boolean().optional().describe('Whether several tools may be called at once'),
  response_format: responseFormat
    .optional()
    .describe('The form of the answer: text (default), any JSON object, or JSON of a schema'),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe('How freely to sample, 0 to 2; Anthropic takes 1 at most, and its newest models none'),
  top_p: z.number().min(0).max(1).optional().describe('Samples from the likeliest words of this probability'),
  stop: z.array(stopSequence).min(1).max(4).optional().describe('Up to 4 sequences that end the answer'),
  metadata: metadata.optional(),
  /**
   * Parameters of OpenAI's API that we do not know: passed on, as they are, to providers that speak it, and to them only. None may
   * bear the name of one we do know.
   */
  extra: z.record(z.string(), z.unknown()).optional(),
});
export type ChatOptions = z.infer<typeof chatOptions>;

/** What a request needs that not every model has. */
export const capability = z.enum(['images', 'image_urls', 'tools', 'json_object', 'json_schema']);
export type Capability = z.infer<typeof capability>;
