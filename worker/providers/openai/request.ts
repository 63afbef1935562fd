import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions';
import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import { imageDetailOf } from '../chat/conversation.ts';
import { passedOn } from '../chat/extra-parameters.ts';
import type { NeutralRequest } from '../provider.ts';

/** Writes a request for OpenAI's chat completions. Pure. */

type OutputLimitName = 'max_completion_tokens' | 'max_tokens';

const openAiHosts = /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/;

/**
 * The name of the output limit. OpenAI's current models refuse `max_tokens`, and all it serves take
 * `max_completion_tokens`. Of the compatible servers Mistral refuses and Ollama ignores the new name, while all of them
 * take the old one; sending both is refused by OpenAI. So the host decides.
 */
const outputLimitName = (base_url: string): OutputLimitName =>
  openAiHosts.test(new URL(base_url).hostname) ? 'max_completion_tokens' : 'max_tokens';

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];

/** The detail of an image is always sent, since the bound of its tokens depends on it (limits.ts). */
function contentPart(part: Part): ChatCompletionContentPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { source } = part;
  const url = source.kind === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
  return { type: 'image_url', image_url: { url, detail: imageDetailOf(part) } };
}

/** A single text as a string: not every compatible server takes parts, and fewer do outside the user's messages. */
const plainOrParts = <Content extends Part>(content: readonly Content[]) => {
  const [only, ...others] = content;
  return only?.type === 'text' && others.length === 0 ? only.text : content.map(contentPart);
};

/** The same for messages that hold only text. */
const plainOrTexts = (content: readonly { type: 'text'; text: string }[]) =>
  content.length === 1
    ? (content[0]?.text ?? '')
    : content.map(({ text }) => ({ type: 'text' as const, text }));

const named = ({ name }: { name?: string | undefined }) => (name === undefined ? {} : { name });

/** False for an assistant's turn without text and calls: it is left out, since servers refuse it. */
const hasContent = (message: ChatMessage): boolean =>
  message.role !== 'assistant' || message.content.length > 0 || (message.tool_calls ?? []).length > 0;

function messageParam(message: ChatMessage): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: plainOrTexts(message.content), ...named(message) };
    case 'user':
      return { role: 'user', content: plainOrParts(message.content), ...named(message) };
    case 'assistant': {
      const calls = (message.tool_calls ?? []).map(({ id, name, arguments: json }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: json },
      }));
      return {
        role: 'assistant',
        content: message.content.length === 0 ? null : plainOrTexts(message.content),
        ...named(message),
        ...(calls.length > 0 && { tool_calls: calls }),
      };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: plainOrTexts(message.content) };
  }
}

const toolParam = ({
  name,
  description,
  parameters,
  strict,
}: NonNullable<ChatOptions['tools']>[number]): ChatCompletionTool => ({
  type: 'function',
  function: {
    name,
    parameters,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  },
});

const toolChoiceParam = (choice: NonNullable<ChatOptions['tool_choice']>): ChatCompletionToolChoiceOption =>
  typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };

function responseFormatParam(format: NonNullable<ChatOptions['response_format']>) {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema' as const,
    json_schema: {
      name,
      schema,
      ...(description !== undefined && { description }),
      ...(strict !== undefined && { strict }),
    },
  };
}

/** The parameters about tools, which are refused in a request without tools. */
const toolParams = ({ tools, tool_choice, parallel_tool_calls }: ChatOptions) =>
  tools === undefined
    ? {}
    : {
        tools: tools.map(toolParam),
        ...(tool_choice !== undefined && { tool_choice: toolChoiceParam(tool_choice) }),
        ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
      };

/** The request in OpenAI's format. The caller's own parameters come first, so that they override none of the others. */
export function chatParams(
  request: NeutralRequest,
  output_limit_name: OutputLimitName,
): ChatCompletionCreateParamsNonStreaming {
  const { model, messages, max_output_tokens, response_format, temperature, top_p, stop } = request;
  return Object.assign(passedOn(request.extra), {
    model,
    messages: messages.filter(hasContent).map(messageParam),
    [output_limit_name]: max_output_tokens,
    ...toolParams(request),
    ...(response_format !== undefined && { response_format: responseFormatParam(response_format) }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(stop !== undefined && { stop }),
  });
}

/** The same for OpenAI and servers without a kind of their own: the host decides the name of the output limit. */
export const chatCompletionParams = (request: NeutralRequest, base_url: string) =>
  chatParams(request, outputLimitName(base_url));
