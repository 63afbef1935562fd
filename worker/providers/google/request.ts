import type { Content, GenerateContentRequest, GenerationConfig, Part } from '@google/generative-ai';
import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import { alternateTurns, describedSchema, type TurnMessage, textOf } from '../chat/conversation.ts';
import { argumentsObject } from '../chat/tool-calls.ts';
import type { NeutralRequest } from '../provider.ts';
import { googleImageDetail } from './limits.ts';

/** Writes a request for Google's generateContent. Pure. The SDK's types are older than the API and lack some fields. */

/** True for a name that can stand in a URL without changing its path or query. */
export const isModelName = (model: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)?$/.test(model) && !model.includes('..');

/**
 * The documented value for calls whose signature is unknown: newer models answer 400 for a call in the history without one.
 * Signatures belong to one model and one key, so they would not survive a failover.
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

type CallPart = Extract<Part, { functionCall: object }> & { thoughtSignature?: string };
type ToolNames = ReadonlyMap<string, string>;

/** Names of tools by the id of the call: Google identifies the answer of a tool by its name, other providers by the id. */
const toolNamesOf = (messages: readonly ChatMessage[]): ToolNames =>
  new Map(
    messages.flatMap((message) =>
      message.role === 'assistant'
        ? (message.tool_calls ?? []).map(({ id, name }) => [id, name] as const)
        : [],
    ),
  );

/** The answer of a tool as an object: its own if it is one, or one around it. */
function toolResult(text: string, is_error: boolean): object {
  if (is_error) return { error: text };
  const { unparsed_arguments, ...object } = argumentsObject(text);
  return unparsed_arguments === undefined && text.trim() !== '' ? object : { result: text };
}

/** Empty text parts are left out: the API refuses them. */
const textParts = (content: readonly { type: 'text'; text: string }[]): Part[] =>
  content.filter(({ text }) => text !== '').map(({ text }) => ({ text }));

function partsOf(message: TurnMessage, toolNames: ToolNames): Part[] {
  switch (message.role) {
    case 'user':
      return message.content.flatMap((part): Part[] => {
        if (part.type === 'text') return textParts([part]);
        const { source } = part;
        // The caller is refused URLs before (limits.ts): Google fetches none.
        return source.kind === 'url'
          ? []
          : [{ inlineData: { mimeType: source.media_type, data: source.data } }];
      });
    case 'assistant':
      return [
        ...textParts(message.content),
        ...(message.tool_calls ?? []).map(
          ({ name, arguments: json }): CallPart => ({
            functionCall: { name, args: argumentsObject(json) },
            thoughtSignature: NO_SIGNATURE,
          }),
        ),
      ];
    case 'tool': {
      const { tool_call_id, content, is_error } = message;
      const name = toolNames.get(tool_call_id) ?? tool_call_id;
      return [{ functionResponse: { name, response: toolResult(textOf(content), is_error === true) } }];
    }
  }
}

/** `parametersJsonSchema` takes JSON Schema; the older `parameters` takes a dialect without `$ref` and unions. */
const functionDeclaration = ({
  name,
  description,
  parameters,
}: NonNullable<ChatOptions['tools']>[number]) => ({
  name,
  parametersJsonSchema: parameters,
  ...(description !== undefined && { description }),
});

function functionCallingConfig(choice: NonNullable<ChatOptions['tool_choice']>) {
  if (choice === 'none') return { mode: 'NONE' };
  if (choice === 'auto') return { mode: 'AUTO' };
  return { mode: 'ANY', ...(choice !== 'required' && { allowedFunctionNames: [choice.name] }) };
}

const toolParams = ({ tools, tool_choice }: ChatOptions) =>
  tools === undefined
    ? {}
    : {
        tools: [{ functionDeclarations: tools.map(functionDeclaration) }],
        ...(tool_choice !== undefined && {
          toolConfig: { functionCallingConfig: functionCallingConfig(tool_choice) },
        }),
      };

function answerForm(format: ChatOptions['response_format']) {
  switch (format?.type) {
    case 'json_object':
      return { responseMimeType: 'application/json' };
    case 'json_schema': {
      const { $schema, ...responseJsonSchema } = describedSchema(format);
      return { responseMimeType: 'application/json', responseJsonSchema };
    }
    default:
      return {};
  }
}

/** The request in Google's format: instructions in `systemInstruction`, and alternating turns. */
export function generateContentParams(request: NeutralRequest): GenerateContentRequest {
  const { instructions, turns } = alternateTurns(request.messages);
  const toolNames = toolNamesOf(request.messages);
  const system = instructions.filter((text) => text !== '').map((text) => ({ text }));
  const { temperature, top_p: topP, stop } = request;
  const generationConfig: GenerationConfig = Object.assign(
    { maxOutputTokens: request.max_output_tokens },
    answerForm(request.response_format),
    temperature !== undefined && { temperature },
    topP !== undefined && { topP },
    stop !== undefined && { stopSequences: stop },
    googleImageDetail(request) === 'low' && { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
  );
  const contents: Content[] = turns
    .map(({ role, messages }) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: messages.flatMap((message) => partsOf(message, toolNames)),
    }))
    .filter(({ parts }) => parts.length > 0);
  return Object.assign(
    { contents, generationConfig },
    toolParams(request),
    system.length > 0 && { systemInstruction: { role: 'system', parts: system } },
  );
}
