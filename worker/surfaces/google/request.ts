import type { ChatMessage, ChatOptions } from '../../../contracts/chat/chat.ts';
import type { GenerateContentRequest } from '../../../contracts/v1beta/generate-content-request.ts';
import type { ChatRequest } from '../../executions/chat-task.ts';
import { instructionsOf, messagesOf } from './contents.ts';
import { jsonSchemaOf } from './schema.ts';

/** Converts requests of Google's generateContent to the neutral form. Pure. */

type Config = NonNullable<GenerateContentRequest['generationConfig']>;
type Tool = NonNullable<GenerateContentRequest['tools']>[number];
type Declaration = NonNullable<Tool['functionDeclarations']>[number];
type Choice = NonNullable<GenerateContentRequest['toolConfig']>['functionCallingConfig'];

/** A request in the neutral form, or the refusal of a valid one that says nothing or answers no call. */
export type Translated =
  | { request: ChatRequest }
  | { refused: { field: string; rule: string; message: string } };

const emptyParameters = { type: 'object', properties: {} };

function toolOf({ name, description, parameters, parametersJsonSchema }: Declaration) {
  const schema = parametersJsonSchema ?? (parameters == null ? emptyParameters : jsonSchemaOf(parameters));
  return { name, ...(description != null && { description }), parameters: schema };
}

/** The tools of a request and the choice among them. Of several that are allowed the others are left out: providers take one name. */
function toolsOf({ tools, toolConfig }: GenerateContentRequest): Pick<ChatOptions, 'tools' | 'tool_choice'> {
  const declared = (tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []).map(toolOf);
  if (declared.length === 0) return {};
  const choice = toolConfig?.functionCallingConfig;
  const allowed = choice?.mode === 'ANY' ? (choice.allowedFunctionNames ?? []) : [];
  const offered = allowed.length > 1 ? declared.filter(({ name }) => allowed.includes(name)) : declared;
  const tool_choice = choiceOf(choice);
  return { tools: offered, ...(tool_choice !== undefined && { tool_choice }) };
}

function choiceOf(choice: Choice): ChatOptions['tool_choice'] {
  switch (choice?.mode) {
    case 'NONE':
      return 'none';
    case 'AUTO':
    case 'VALIDATED':
      return 'auto';
    case 'ANY': {
      const [name, ...others] = choice.allowedFunctionNames ?? [];
      return name !== undefined && others.length === 0 ? { name } : 'required';
    }
    default:
      return undefined;
  }
}

function formatOf(config: Config): ChatOptions['response_format'] {
  if (config.responseMimeType !== 'application/json') return undefined;
  const { responseSchema, responseJsonSchema } = config;
  const schema = responseJsonSchema ?? (responseSchema == null ? null : jsonSchemaOf(responseSchema));
  return schema === null ? { type: 'json_object' } : { type: 'json_schema', name: 'answer', schema };
}

/** The thinking to ask for. A budget of 0 switches it off, and one of -1 leaves it to the model. */
function reasoningOf({ thinkingConfig }: Config): ChatOptions['reasoning'] {
  if (thinkingConfig == null) return undefined;
  const { thinkingBudget, thinkingLevel } = thinkingConfig;
  if (thinkingBudget === 0) return { effort: 'none' };
  if (thinkingBudget != null && thinkingBudget > 0) return { mode: 'enabled', budget_tokens: thinkingBudget };
  const level = thinkingLevel?.toLowerCase();
  return level === 'minimal' || level === 'low' || level === 'medium' || level === 'high'
    ? { effort: level }
    : {};
}

/** The fields that are sent to OpenAI, compatible servers and Google, by the names of chat completions. */
function extraOf({ seed, presencePenalty, frequencyPenalty }: Config): Record<string, unknown> {
  const fields = { seed, presence_penalty: presencePenalty, frequency_penalty: frequencyPenalty };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

/** Gives images the low level of detail, where the request asks for it. */
function withDetail(messages: ChatMessage[], { mediaResolution }: Config): ChatMessage[] {
  if (mediaResolution !== 'MEDIA_RESOLUTION_LOW') return messages;
  return messages.map((message) =>
    message.role === 'user'
      ? {
          ...message,
          content: message.content.map((part) =>
            part.type === 'image' ? { ...part, detail: 'low' as const } : part,
          ),
        }
      : message,
  );
}

function optionsOf(request: GenerateContentRequest): Omit<ChatOptions, 'messages'> {
  const config = request.generationConfig ?? {};
  const { temperature, topP, topK, stopSequences } = config;
  const response_format = formatOf(config);
  const reasoning = reasoningOf(config);
  const extra = extraOf(config);
  return {
    ...toolsOf(request),
    ...(response_format !== undefined && { response_format }),
    ...(temperature != null && { temperature }),
    ...(topP != null && { top_p: topP }),
    ...(topK != null && { top_k: Math.round(topK) }),
    ...(stopSequences != null && stopSequences.length > 0 && { stop: stopSequences }),
    ...(reasoning !== undefined && { reasoning }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function instructed({ systemInstruction: said }: GenerateContentRequest): ChatMessage[] {
  if (said == null) return [];
  if (typeof said === 'string') return instructionsOf([{ text: said }]);
  return instructionsOf('parts' in said && Array.isArray(said.parts) ? said.parts : [said]);
}

const nothingSaid = {
  field: 'contents',
  rule: 'required',
  message: 'At least one part with something in it',
};

/** Converts a validated request for a model. */
export function translateContent(model: string, request: GenerateContentRequest): Translated {
  const config = request.generationConfig ?? {};
  const read = messagesOf(request.contents);
  if ('unanswerable' in read) {
    const { content, part } = read.unanswerable;
    const field = `contents.${content}.parts.${part}.functionResponse`;
    return { refused: { field, rule: 'no_call', message: 'There is no call before it that it answers' } };
  }
  if (read.messages.length === 0) return { refused: nothingSaid };
  const messages = [...instructed(request), ...withDetail(read.messages, config)];
  const max_output_tokens = config.maxOutputTokens ?? undefined;
  const chat = { messages, ...optionsOf(request) };
  return { request: { model, fallback_models: request.models ?? undefined, max_output_tokens, chat } };
}

/** True if thoughts are part of the answer. */
export const showsThoughts = ({ generationConfig }: GenerateContentRequest): boolean =>
  generationConfig?.thinkingConfig?.includeThoughts === true;
