import {
  type AnswerExtras,
  type ChatMessage,
  type ChatOptions,
  reasoningEffort,
} from '../../../contracts/chat/chat.ts';
import type { CacheControl, ImageSource } from '../../../contracts/chat/chat-parts.ts';
import {
  type ChatCompletionRequest,
  chatCompletionRequest,
  type OpenAiMessage,
} from '../../../contracts/v1/chat-completions-request.ts';
import { imageSourceOf } from '../../../contracts/v1/image-url.ts';
import { audioSourceOf } from '../../../contracts/v1/input-audio.ts';
import { signedReasoningIn } from '../../providers/chat/reasoning-details.ts';
import { filePartOf } from '../file-part.ts';

/** Converts OpenAI's requests to the neutral form. The contract has validated them, so nothing is refused here. Pure. */

type Translated = {
  model: string;
  fallback_models: string[] | undefined;
  max_output_tokens: number | undefined;
  chat: ChatOptions;
};
type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];
type Marked = { cache_control?: CacheControl | null | undefined };
type OpenAiContent = Extract<OpenAiMessage, { role: 'user' }>['content'];
type OpenAiPart = Exclude<OpenAiContent, string>[number];
type OpenAiImage = Extract<OpenAiPart, { type: 'image_url' }>;
type OpenAiFile = Extract<OpenAiPart, { type: 'file' }>;
type OpenAiAudio = Extract<OpenAiPart, { type: 'input_audio' }>;

const known = new Set(Object.keys(chatCompletionRequest.shape));

const markOf = ({ cache_control }: Marked) => (cache_control == null ? {} : { cache_control });

const textPart = ({ text, cache_control }: Marked & { text: string }) => ({
  type: 'text' as const,
  text,
  ...markOf({ cache_control }),
});
const textParts = (content: string | (Marked & { text: string })[]) =>
  typeof content === 'string' ? [textPart({ text: content })] : content.map(textPart);

/** Treats a refusal as text of the model. */
const saidPart = (part: Marked & ({ type: 'text'; text: string } | { type: 'refusal'; refusal: string })) =>
  textPart(part.type === 'text' ? part : { ...part, text: part.refusal });

function sourceOf(url: string): ImageSource {
  const source = imageSourceOf(url);
  if (source === null) throw new Error('The contract lets no other image through');
  return source;
}

const imagePart = ({ image_url: { url, detail }, cache_control }: OpenAiImage): UserPart => ({
  type: 'image',
  source: sourceOf(url),
  ...(detail != null && { detail }),
  ...markOf({ cache_control }),
});

/** A PDF, or a text with the name of its file before it. */
function filePart({ file: { file_data, filename }, cache_control }: OpenAiFile): UserPart {
  const part = filePartOf(file_data ?? '', filename);
  if (part === null)
    throw new Error('The contract lets no other file through, and uploaded ones are put in before');
  return { ...part, ...markOf({ cache_control }) };
}

const audioPart = ({ input_audio, cache_control }: OpenAiAudio): UserPart => ({
  type: 'audio',
  source: audioSourceOf(input_audio),
  ...markOf({ cache_control }),
});

function userPart(part: OpenAiPart): UserPart {
  switch (part.type) {
    case 'text':
      return textPart(part);
    case 'image_url':
      return imagePart(part);
    case 'file':
      return filePart(part);
    case 'input_audio':
      return audioPart(part);
  }
}

const userParts = (content: OpenAiContent): UserPart[] =>
  typeof content === 'string' ? textParts(content) : content.map(userPart);

const nameOf = ({ name }: { name?: string | null | undefined }) => (name == null ? {} : { name });

/** The parts of a message. A mark of the message is one of its last part. */
function marked<Part extends Marked>(parts: Part[], { cache_control }: Marked): Part[] {
  const last = parts.at(-1);
  if (cache_control == null || last === undefined || last.cache_control !== undefined) return parts;
  return [...parts.slice(0, -1), { ...last, cache_control }];
}

/** Converts what an assistant's message has beside its text and its calls. Signed reasoning is in the details alone. */
function extrasOf(message: Extract<OpenAiMessage, { role: 'assistant' }>): AnswerExtras {
  const { reasoning_details, extra_content } = message;
  const text = message.reasoning_content || message.reasoning || '';
  const signed = signedReasoningIn(reasoning_details ?? []);
  const reasoning = signed.length > 0 || text === '' ? signed : [{ text }];
  return {
    ...(reasoning.length > 0 && { reasoning }),
    ...(reasoning_details != null && reasoning_details.length > 0 && { reasoning_details }),
    ...(extra_content != null && { extra_content }),
  };
}

function assistantMessage(message: Extract<OpenAiMessage, { role: 'assistant' }>): ChatMessage {
  const { content, refusal, tool_calls } = message;
  const said = typeof content === 'string' ? textParts(content) : (content ?? []).map(saidPart);
  const refused = refusal == null ? [] : [textPart({ text: refusal })];
  const calls = tool_calls?.map((call) => ({
    id: call.id,
    name: call.function.name,
    arguments: call.function.arguments,
    ...(call.extra_content != null && { extra_content: call.extra_content }),
  }));
  return {
    role: 'assistant',
    content: marked(
      [...said, ...refused].filter(({ text }) => text !== ''),
      message,
    ),
    ...nameOf(message),
    ...(calls !== undefined && calls.length > 0 && { tool_calls: calls }),
    ...extrasOf(message),
  };
}

function messageOf(message: OpenAiMessage): ChatMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return {
        role: 'system',
        content: marked(textParts(message.content), message),
        ...nameOf(message),
      };
    case 'user':
      return { role: 'user', content: marked(userParts(message.content), message), ...nameOf(message) };
    case 'assistant':
      return assistantMessage(message);
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.tool_call_id,
        content: marked(userParts(message.content ?? ''), message),
      };
  }
}

const toolsOf = (tools: NonNullable<ChatCompletionRequest['tools']>) =>
  tools.map(({ function: { name, description, parameters, strict }, cache_control }) => ({
    name,
    ...(description != null && { description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(strict != null && { strict }),
    ...markOf({ cache_control }),
  }));

function formatOf(
  format: NonNullable<ChatCompletionRequest['response_format']>,
): NonNullable<ChatOptions['response_format']> {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, description, schema, strict } = format.json_schema;
  return {
    type: 'json_schema',
    name,
    ...(description != null && { description }),
    schema: schema ?? {},
    ...(strict != null && { strict }),
  };
}

/** Returns the fields that OpenAI's API may know and we do not, and an effort of which only a provider of this API may know. */
const extraOf = (request: ChatCompletionRequest): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(request).filter(([name, value]) => {
      const isUnknown = !known.has(name) || (name === 'reasoning_effort' && effortOf(request) === undefined);
      return isUnknown && value != null;
    }),
  );

/** Returns the effort if it is one that all kinds know. */
const effortOf = ({ reasoning_effort }: ChatCompletionRequest) =>
  reasoningEffort.safeParse(reasoning_effort).data;

const choiceOf = (choice: NonNullable<ChatCompletionRequest['tool_choice']>) =>
  typeof choice === 'string' ? choice : { name: choice.function.name };

/** Converts a validated request. */
export function translateRequest(request: ChatCompletionRequest): Translated {
  const { temperature, top_p, stop, tools, tool_choice, parallel_tool_calls, response_format } = request;
  const extra = extraOf(request);
  const effort = effortOf(request);
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const chat: ChatOptions = {
    messages: request.messages.map(messageOf),
    ...(tools != null && tools.length > 0 && { tools: toolsOf(tools) }),
    ...(tool_choice != null && { tool_choice: choiceOf(tool_choice) }),
    ...(parallel_tool_calls != null && { parallel_tool_calls }),
    ...(response_format != null && { response_format: formatOf(response_format) }),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { top_p }),
    ...(stops.length > 0 && { stop: stops }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(request.metadata != null && { metadata: request.metadata }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  const max_output_tokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  return { model: request.model, fallback_models: request.models ?? undefined, max_output_tokens, chat };
}
