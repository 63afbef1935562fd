import type { ChatOptions } from '../../../contracts/chat.ts';
import { imagesOf } from '../chat/conversation.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { NeutralRequest } from '../provider.ts';

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

/** The Claude models that take sampling parameters. Later ones answer 400, and the SDK no longer lists the parameters. */
const samplingModels = /claude-(\d|instant|(opus|sonnet|haiku)-4([.-][0-6](?!\d)|-\d{8}|-latest|@|$))/;

/** The default of every provider. It is left out, since models without sampling parameters refuse it. */
const SAMPLING_DEFAULT = 1;

/** The sampling parameters to send: empty when all have their default. */
export function anthropicSampling({ temperature, top_p }: ChatOptions): {
  temperature?: number;
  top_p?: number;
} {
  return {
    ...(temperature !== undefined && temperature !== SAMPLING_DEFAULT && { temperature }),
    ...(top_p !== undefined && top_p !== SAMPLING_DEFAULT && { top_p }),
  };
}

/** The reason why no Claude model can serve the request; null when it can be served. */
export function unsupportedByAnthropic(request: NeutralRequest): string | null {
  const { temperature, top_p } = anthropicSampling(request);
  const sampled = temperature !== undefined || top_p !== undefined;
  if (sampled && !samplingModels.test(request.model)) return 'This model takes no temperature and no top_p';
  if (temperature !== undefined && top_p !== undefined)
    return 'This model takes temperature or top_p, not both';
  if (temperature !== undefined && temperature > 1) return 'This model takes a temperature of at most 1';
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
