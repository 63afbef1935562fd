import { audiosOf, imagesOf } from '../chat/conversation.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { NeutralRequest } from '../provider.ts';
import { claudeVersion, thinkingParams } from './thinking.ts';

/** The limits of Anthropic's models: requests they cannot serve, and the most tokens of images. Pure. */

/** True when an object of the schema, at any depth, may have properties that the schema does not name: a map. */
function allowsUnnamedProperties(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(allowsUnnamedProperties);
  const fields = fieldsOf(schema);
  if (fields === null) return false;
  const { additionalProperties } = fields;
  if (additionalProperties === true || fieldsOf(additionalProperties) !== null) return true;
  return Object.values(fields).some(allowsUnnamedProperties);
}

/** The first version of Claude that takes no sampling parameters: it answers 400 to all but their defaults. */
const TAKES_NO_SAMPLING = 407;

/** The default of every provider. It is left out, since models without sampling parameters refuse it. */
const SAMPLING_DEFAULT = 1;

/**
 * The sampling parameters to send. Claude takes none since 4.7, and none beside thinking; earlier models take temperature or top_p,
 * not both, so that top_p is left out. They are hints that many clients always send: what cannot be sent is left out.
 */
export function anthropicSampling(request: NeutralRequest): {
  temperature?: number;
  top_p?: number;
  top_k?: number;
} {
  const { model, temperature = SAMPLING_DEFAULT, top_p = SAMPLING_DEFAULT, top_k } = request;
  const thinks = ['enabled', 'adaptive'].includes(thinkingParams(request).thinking?.type ?? '');
  if (thinks || (claudeVersion(model) ?? 0) >= TAKES_NO_SAMPLING) return {};
  return {
    ...(temperature !== SAMPLING_DEFAULT && { temperature }),
    ...(top_p !== SAMPLING_DEFAULT && temperature === SAMPLING_DEFAULT && { top_p }),
    ...(top_k !== undefined && { top_k }),
  };
}

/** The reason why no Claude model can serve the request; null when it can be served. */
export function unsupportedByAnthropic(request: NeutralRequest): string | null {
  if (audiosOf(request).length > 0) return 'This model takes no audio';
  if (imagesOf(request).some(({ source }) => source.kind === 'url' && !/^https:/i.test(source.url)))
    return 'This model takes images by https URL, not by http';
  const { temperature = SAMPLING_DEFAULT } = anthropicSampling(request);
  if (temperature > 1) return 'This model takes a temperature of at most 1';
  if (request.stop?.some((text) => text.trim() === ''))
    return 'This model takes no stop sequence of white space alone';
  if (request.response_format?.type === 'json_object')
    return 'This model answers JSON of a schema only: use json_schema';
  if (
    request.response_format?.type === 'json_schema' &&
    allowsUnnamedProperties(request.response_format.schema)
  )
    return 'This model answers objects whose properties the schema names: additionalProperties must be false';
  return null;
}

/** Patches of 28 px: at most 4,784 since Claude 4.7, and 1,568 before (build-with-claude/vision, November 2026). */
const TOKENS_PER_IMAGE = 4_784;

/** The bound of all images of the request, in tokens. The API takes no level of detail. */
export const anthropicImageTokensBound = (request: NeutralRequest): number =>
  imagesOf(request).length * TOKENS_PER_IMAGE;
