import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions';
import { defaultSettings, type ProviderSettings } from '../../../contracts/catalog/provider-settings.ts';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { passedOn } from '../chat/extra-parameters.ts';
import { askedEffort } from '../chat/reasoning.ts';
import type { NeutralRequest } from '../provider.ts';
import { OPENAI_STOPS_MAX } from './limits.ts';
import { type Carried, messageParams } from './messages.ts';

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

/**
 * Hosts that refuse fields in messages which OpenAI does not have (`reasoning_content`, `cache_control`, ...). Other servers take or
 * ignore them.
 */
const strictHosts =
  /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com|mistral\.ai|groq\.com|cerebras\.ai)$/;

const carriedBy = (base_url: string): Carried => {
  const isLenient = !strictHosts.test(new URL(base_url).hostname);
  return { reasoning: isLenient, cache_marks: isLenient };
};

/** Models of OpenAI's that reason. Others refuse an effort. */
const reasons = /(^|\/)(gpt-[5-9]|o\d|gpt-oss)/;

/** The effort that is asked for: by its name, or the nearest to a budget of tokens. Undefined for the model's own. */
function effortOf({ reasoning = {}, model }: NeutralRequest) {
  if (reasoning.effort !== undefined) return reasoning.effort;
  return reasoning.mode !== 'disabled' && reasons.test(model) ? askedEffort(reasoning) : undefined;
}

const toolParam = (
  { name, description, parameters, strict, cache_control }: NonNullable<ChatOptions['tools']>[number],
  { cache_marks }: Carried,
): ChatCompletionTool => ({
  type: 'function',
  function: {
    name,
    parameters,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  },
  ...(cache_marks && cache_control !== undefined && { cache_control }),
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
const toolParams = ({ tools, tool_choice, parallel_tool_calls }: ChatOptions, carried: Carried) =>
  tools === undefined
    ? {}
    : {
        tools: tools.map((tool) => toolParam(tool, carried)),
        ...(tool_choice !== undefined && { tool_choice: toolChoiceParam(tool_choice) }),
        ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
      };

/** The points in which servers of chat completions differ. */
export type ChatServer = {
  output_limit_name: OutputLimitName;
  carried: Carried;
  stops_max: number;
  /** Parameters beside the known ones that the provider's settings allow. */
  allowed: readonly string[];
};

/** The request in OpenAI's format. The caller's own parameters come first, so that they override none of the others. */
export function chatParams(
  request: NeutralRequest,
  { output_limit_name, carried, stops_max, allowed }: ChatServer,
): ChatCompletionCreateParamsNonStreaming {
  const { model, messages, max_output_tokens, response_format, temperature, top_p, stop } = request;
  const reasoning_effort = effortOf(request);
  return Object.assign(passedOn(request.extra, allowed), {
    model,
    messages: messageParams(messages, carried),
    [output_limit_name]: max_output_tokens,
    ...toolParams(request, carried),
    ...(response_format !== undefined && { response_format: responseFormatParam(response_format) }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(stop !== undefined && { stop: stop.slice(0, stops_max) }),
    ...(reasoning_effort !== undefined && { reasoning_effort }),
  });
}

/** The same for OpenAI and servers without a kind of their own: the settings name the output limit; else the host decides how they differ. */
export const chatCompletionParams = (
  request: NeutralRequest,
  base_url: string,
  {
    output_limit_parameter,
    allow_parameters,
  }: Pick<ProviderSettings, 'output_limit_parameter' | 'allow_parameters'> = defaultSettings,
) =>
  chatParams(request, {
    output_limit_name: output_limit_parameter ?? outputLimitName(base_url),
    carried: carriedBy(base_url),
    stops_max: OPENAI_STOPS_MAX,
    allowed: allow_parameters,
  });
