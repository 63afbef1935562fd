import type { Capability, ChatOptions } from '../../contracts/chat/chat.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import { audiosOf, documentsOf, imagesOf } from './chat/conversation.ts';
import { withheldParameter } from './chat/extra-parameters.ts';
import type { NeutralRequest } from './provider.ts';
import { kindModules } from './registry.ts';

/** The capabilities a request needs, and the kinds that cannot serve it. Pure. The whole table is in docs/providers.md. */

/** The capabilities that the request needs from a candidate's model. */
export function needsOf(request: ChatOptions): Capability[] {
  const images = imagesOf(request);
  const usesTools =
    request.tools !== undefined ||
    request.messages.some(
      (message) =>
        message.role === 'tool' || (message.role === 'assistant' && message.tool_calls !== undefined),
    );
  const format = request.response_format?.type;
  return [
    ...(images.length > 0 ? (['images'] as const) : []),
    ...(images.some(({ source }) => source.kind === 'url') ? (['image_urls'] as const) : []),
    ...(documentsOf(request).length > 0 ? (['documents'] as const) : []),
    ...(audiosOf(request).length > 0 ? (['audio'] as const) : []),
    ...(usesTools ? (['tools'] as const) : []),
    ...(format === 'json_object' || format === 'json_schema' ? [format] : []),
  ];
}

/**
 * The reason why no model of a kind can serve the request, in words for the caller and without the provider's name; null when it
 * can be served. Hints (the detail of an image, `strict`) and parameters documented as OpenAI's alone (`extra`) are no reason.
 */
export function unsupportedBy(kind: ProviderKind, request: NeutralRequest): string | null {
  const refused = withheldParameter(request.extra);
  if (refused !== null) return `The parameter ${refused} is not supported`;
  return kindModules[kind].unsupported(request);
}
