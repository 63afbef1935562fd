import { z } from 'zod';
import type { SimulatedPrompt, SimulatedTurn } from './answer.ts';
import { describeIssues, type ParsedRequest } from './simulated-api.ts';

/** A request to OpenAI's chat completions: what it may hold, and what it asks. */

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.object({
    url: z.string().regex(/^(https?:|data:image\/(png|jpeg|gif|webp);base64,)/),
    detail: z.enum(['auto', 'low', 'high', 'original']).optional(),
  }),
});
const filePart = z.object({
  type: z.literal('file'),
  file: z.object({
    filename: z.string().min(1),
    file_data: z.string().regex(/^data:application\/pdf;base64,/),
  }),
});
const audioPart = z.object({
  type: z.literal('input_audio'),
  input_audio: z.object({ data: z.base64().min(1), format: z.enum(['wav', 'mp3']) }),
});
const texts = z.union([z.string(), z.array(textPart)]);
const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['developer', 'system']), content: texts }),
  z.object({
    role: z.literal('user'),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion('type', [textPart, imagePart, filePart, audioPart])).min(1),
    ]),
  }),
  z.object({
    role: z.literal('assistant'),
    content: texts.nullish(),
    tool_calls: z.array(toolCall).min(1).optional(),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: texts }),
]);
type Message = z.infer<typeof message>;
const jsonSchema = z.record(z.string(), z.unknown());
const body = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string().default(''),
          parameters: jsonSchema.default({}),
        }),
      }),
    )
    .default([]),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .default('auto'),
  parallel_tool_calls: z.boolean().default(true),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string().min(1), schema: jsonSchema.default({}) }),
      }),
    ])
    .default({ type: 'text' }),
});

const plain = (content: z.infer<typeof texts> | null | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('');

/** Tokens that the documentation gives for an image of 1,024 pixels square. */
const IMAGE_TOKENS = { low: 85, high: 765 };
/** The token count of a PDF with one page: its text and its image. */
const DOCUMENT_TOKENS = 1_500;
/** The token count of a recording of ten seconds. */
const AUDIO_TOKENS = 100;

function turnOf(message: Message): SimulatedTurn {
  switch (message.role) {
    case 'developer':
    case 'system':
      return { role: 'system', text: plain(message.content) };
    case 'user': {
      if (typeof message.content === 'string') return { role: 'user', text: message.content };
      const images = message.content.filter((part) => part.type === 'image_url');
      const files = message.content.filter((part) => part.type === 'file');
      const recordings = message.content.filter((part) => part.type === 'input_audio');
      return {
        role: 'user',
        text: plain(message.content.filter((part) => part.type === 'text')),
        image_tokens: images.map(
          ({ image_url }) => IMAGE_TOKENS[image_url.detail === 'low' ? 'low' : 'high'],
        ),
        document_tokens: files.map(() => DOCUMENT_TOKENS),
        audio_tokens: recordings.map(() => AUDIO_TOKENS),
      };
    }
    case 'assistant': {
      const calls = (message.tool_calls ?? []).map((call) => call.function.name + call.function.arguments);
      return { role: 'assistant', text: plain(message.content) + calls.join('') };
    }
    case 'tool':
      return { role: 'user', text: plain(message.content), is_tool_result: true };
  }
}

/** Answers of tools belong to calls before them: anything else is refused. */
function strayToolMessage(messages: Message[]): string | null {
  const called = new Set<string>();
  for (const message of messages) {
    if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) called.add(id);
    if (message.role === 'tool' && !called.has(message.tool_call_id))
      return "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
  }
  return null;
}

const formOf = (format: z.infer<typeof body>['response_format']): SimulatedPrompt['form'] =>
  format.type === 'json_schema' ? { schema: format.json_schema.schema } : format.type;

/** Reads and checks a request. */
export function readChatRequest(raw: unknown): ParsedRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { model, messages, max_tokens, max_completion_tokens, stream, stream_options } = parsed.data;
  if (typeof max_tokens === 'number' && typeof max_completion_tokens === 'number') {
    return {
      ok: false,
      message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    };
  }
  const stray = strayToolMessage(messages);
  if (stray !== null) return { ok: false, message: stray };
  const { tools, tool_choice } = parsed.data;
  return {
    ok: true,
    request: {
      model,
      turns: messages.map(turnOf),
      tools: tools.map(({ function: { name, description, parameters } }) => ({
        name,
        description,
        schema: parameters,
      })),
      tool_choice: typeof tool_choice === 'string' ? tool_choice : tool_choice.function,
      one_call: !parsed.data.parallel_tool_calls,
      form: formOf(parsed.data.response_format),
      max_output_tokens: max_completion_tokens ?? max_tokens ?? null,
      stream: stream === true,
      stream_usage: stream_options?.include_usage === true,
    },
  };
}

const stops = z.looseObject({ stop: z.array(z.string()).nullish().catch(null) }).catch({ stop: null });

/** The most stop sequences that OpenAI takes. */
const STOPS_MAX = 4;

/** Reads and checks a request to OpenAI itself, whose limits not all servers have. */
export function readOpenAiRequest(raw: unknown): ParsedRequest {
  const { length } = stops.parse(raw).stop ?? [];
  const tooLong = `Invalid 'stop': array too long. Expected an array with maximum length ${STOPS_MAX}, but got an array with length ${length} instead.`;
  return length > STOPS_MAX ? { ok: false, message: tooLong } : readChatRequest(raw);
}
