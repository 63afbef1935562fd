import { z } from 'zod';

/**
 * What any provider can be asked, whatever its wire format: the neutral form between our APIs (our own, OpenAI's and
 * Anthropic's shapes) and the adapters. What a provider cannot do is decided by {@link capability}, not by leaving it out.
 */

/** Longest text of one part, in characters. The body limit is the real bound; this names the field. */
const TEXT_MAX = 1_000_000;

/** Some compatible servers make long ones. */
const TOOL_CALL_ID_MAX = 1_000;

const textPart = z.strictObject({ type: z.literal('text'), text: z.string().max(TEXT_MAX) });

/** An image, as bytes or where to find it. Providers fetch URLs themselves; we never do. */
const imagePart = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('base64'),
      media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
      data: z.base64(),
    }),
    z.strictObject({ kind: z.literal('url'), url: z.url({ protocol: /^https$/ }) }),
  ]),
  /** How closely to look, where a provider asks: more detail is more tokens. */
  detail: z.enum(['auto', 'low', 'high']).optional(),
});

/** A call the model asks for. `arguments` is JSON as the model wrote it: possibly not valid, and not ours to judge. */
export const toolCall = z.strictObject({
  id: z.string().min(1).max(TOOL_CALL_ID_MAX),
  name: z.string().min(1).max(128),
  arguments: z.string().max(TEXT_MAX),
});
export type ToolCall = z.infer<typeof toolCall>;

export const chatMessage = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.array(textPart).min(1) }),
  z.strictObject({
    role: z.literal('user'),
    content: z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.array(textPart),
    tool_calls: z.array(toolCall).max(128).optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: z.string().min(1).max(TOOL_CALL_ID_MAX),
    content: z.array(textPart).min(1),
    /** The tool failed, and its content says how. */
    is_error: z.boolean().optional(),
  }),
]);
export type ChatMessage = z.infer<typeof chatMessage>;

const jsonSchema = z.record(z.string(), z.unknown());

/** A function the model may ask to be called. `parameters` is a JSON Schema of an object. */
const tool = z.strictObject({
  name: z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, _ and -, at most 64'),
  description: z.string().max(10_000).optional(),
  parameters: jsonSchema,
  strict: z.boolean().optional(),
});

/** What the model may do about tools: as it likes, nothing, at least one, or this one. */
const toolChoice = z.union([
  z.enum(['auto', 'none', 'required']),
  z.strictObject({ name: z.string().min(1).max(64) }),
]);

/** The form of the answer: text, any JSON object, or JSON of this schema. */
const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z.string().regex(/^[\w-]{1,64}$/),
    schema: jsonSchema,
    strict: z.boolean().optional(),
  }),
]);

/** Everything about a chat but its model and its output limit, which the plan of an execution decides. */
export const chatOptions = z.strictObject({
  messages: z.array(chatMessage).min(1).max(1_000),
  tools: z.array(tool).min(1).max(128).optional(),
  tool_choice: toolChoice.optional(),
  /** Whether several tools may be called at once. */
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormat.optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  stop: z.array(z.string().min(1).max(500)).min(1).max(4).optional(),
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
