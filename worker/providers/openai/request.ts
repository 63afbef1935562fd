import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions';
import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import type { NeutralRequest } from '../provider.ts';
import { passedOn } from './extra-parameters.ts';

/** A request as OpenAI's chat completions take it. Pure. */

const openAiHosts = /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/;

/**
 * The name of the output limit. OpenAI's current models refuse `max_tokens`, and all it serves take
 * `max_completion_tokens`. Of the compatible servers Mistral refuses and Ollama ignores the new name, while all of them
 * take the old one; sending both is refused by OpenAI. So the host decides.
 */
export function outputLimitName(base_url: string | null): 'max_completion_tokens' | 'max_tokens' {
  if (base_url === null) return 'max_completion_tokens';
  const { hostname } = new URL(base_url);
  return openAiHosts.test(hostname) ? 'max_completion_tokens' : 'max_tokens';
}

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];

/** Detail is always said, since the bound of an image rests on it (images.ts). */
function contentPart(part: Part): ChatCompletionContentPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { source, detail } = part;
  const url = source.kind === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
  return { type: 'image_url', image_url: { url, detail: detail === 'low' ? 'low' : 'high' } };
}

/** A single text as a string: not every compatible server takes parts, least of all outside the user's messages. */
const plainOrParts = <Content extends Part>(content: readonly Content[]) => {
  const [only, ...others] = content;
  return only?.type === 'text' && others.length === 0 ? only.text : content.map(contentPart);
};

/** The same where only text may stand. */
const plainOrTexts = (content: readonly { type: 'text'; text: string }[]) =>
  content.length === 1
    ? (content[0]?.text ?? '')
    : content.map(({ text }) => ({ type: 'text' as const, text }));

const named = ({ name }: { name?: string | undefined }) => (name === undefined ? {} : { name });

/** A turn that says nothing and calls nothing is refused, so it is left out. */
const saysSomething = (message: ChatMessage): boolean =>
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

/** What says something about tools may only be sent along with them. */
const toolParams = ({ tools, tool_choice, parallel_tool_calls }: ChatOptions) =>
  tools === undefined
    ? {}
    : {
        tools: tools.map(toolParam),
        ...(tool_choice !== undefined && { tool_choice: toolChoiceParam(tool_choice) }),
        ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
      };

/** The request in OpenAI's shape. Parameters of the caller's come first, so that none of ours can be overridden. */
export function chatCompletionParams(
  request: NeutralRequest,
  base_url: string | null,
): ChatCompletionCreateParamsNonStreaming {
  const { model, messages, max_output_tokens, response_format, temperature, top_p, stop } = request;
  return Object.assign(passedOn(request.extra), {
    model,
    messages: messages.filter(saysSomething).map(messageParam),
    [outputLimitName(base_url)]: max_output_tokens,
    ...toolParams(request),
    ...(response_format !== undefined && { response_format: responseFormatParam(response_format) }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(stop !== undefined && { stop }),
  });
}
