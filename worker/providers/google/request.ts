import type { GenerateContentRequest, GenerationConfig } from '@google/generative-ai';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { describedSchema } from '../chat/conversation.ts';
import { alternateTurns } from '../chat/turns.ts';
import type { NeutralRequest } from '../provider.ts';
import { contentsOf, textParts } from './contents.ts';
import { GOOGLE_STOPS_MAX, googleImageDetail } from './limits.ts';
import { thinkingConfig } from './thinking.ts';

/** Writes a request for Google's generateContent. Pure. The SDK's types are older than the API and lack some fields. */

/** True for a name that can stand in a URL without changing its path or query. */
export const isModelName = (model: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)?$/.test(model) && !model.includes('..');

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

/** The parameters of `extra` that Google has too, with its names for them. */
const EXTRA_NAMES = new Map([
  ['seed', 'seed'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
]);

/** The parameters of `extra` that are sent, by Google's names; null when there are none. */
export function googleExtra({ extra = {} }: NeutralRequest): Record<string, unknown> | null {
  const sent = Object.entries(extra).flatMap(([name, value]) => {
    const sentName = EXTRA_NAMES.get(name);
    return sentName === undefined || value === null ? [] : [[sentName, value]];
  });
  return sent.length === 0 ? null : Object.fromEntries(sent);
}

function generationConfig(request: NeutralRequest): GenerationConfig {
  const { temperature, top_p: topP, top_k: topK, stop } = request;
  const thinking = thinkingConfig(request);
  return Object.assign(
    { maxOutputTokens: request.max_output_tokens },
    answerForm(request.response_format),
    temperature !== undefined && { temperature },
    topP !== undefined && { topP },
    topK !== undefined && { topK },
    stop !== undefined && { stopSequences: stop.slice(0, GOOGLE_STOPS_MAX) },
    googleImageDetail(request) === 'low' && { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
    thinking !== null && { thinkingConfig: thinking },
    googleExtra(request),
  );
}

/**
 * The request in Google's format: instructions in `systemInstruction`, later ones as text of the user in their place, and alternating turns.
 * Instructions alone become the user's turn, since the API takes no conversation without one.
 */
export function generateContentParams(request: NeutralRequest): GenerateContentRequest {
  const { instructions, turns } = alternateTurns(request.messages);
  const system = textParts(instructions);
  const contents = contentsOf(turns, request.messages);
  const isSystemOnly = contents.length === 0 && system.length > 0;
  return Object.assign(
    {
      contents: isSystemOnly ? [{ role: 'user', parts: system }] : contents,
      generationConfig: generationConfig(request),
    },
    toolParams(request),
    system.length > 0 && !isSystemOnly && { systemInstruction: { role: 'system', parts: system } },
  );
}
