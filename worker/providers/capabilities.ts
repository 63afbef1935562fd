import type { Capability, ChatOptions } from '../../contracts/chat.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import { imagesOf } from './metering/images.ts';
import { fieldsOf } from './metering/reported-usage.ts';
import { refusedParameter } from './openai/extra-parameters.ts';
import type { NeutralRequest } from './provider.ts';

/** What a request asks for, and which provider cannot do it. Pure: the whole table is in docs/providers.md. */

/** What the model behind a candidate must be able to do, to answer this request. */
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
    ...(usesTools ? (['tools'] as const) : []),
    ...(format === 'json_object' || format === 'json_schema' ? [format] : []),
  ];
}

/** Whether an object of the schema, at any depth, may have properties that it does not name: a map. */
function allowsUnnamedProperties(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(allowsUnnamedProperties);
  const fields = fieldsOf(schema);
  if (fields === null) return false;
  const { additionalProperties } = fields;
  if (additionalProperties === true || fieldsOf(additionalProperties) !== null) return true;
  return Object.values(fields).some(allowsUnnamedProperties);
}

/** The Claude models that still take sampling parameters. Later ones answer 400, and the SDK no longer names them. */
const samplingModels = /claude-(\d|instant|(opus|sonnet|haiku)-4([.-][0-6](?!\d)|-\d{8}|-latest|@|$))/;

/** The default of every provider: saying it changes nothing, so it is left out where it would be refused. */
const SAMPLING_DEFAULT = 1;

/** Sampling as Anthropic takes it: empty when everything is the default. */
export function anthropicSampling({ temperature, top_p }: ChatOptions): {
  temperature?: number;
  top_p?: number;
} {
  return {
    ...(temperature !== undefined && temperature !== SAMPLING_DEFAULT && { temperature }),
    ...(top_p !== undefined && top_p !== SAMPLING_DEFAULT && { top_p }),
  };
}

function unsupportedByAnthropic(request: NeutralRequest): string | null {
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

/** The longest name of a tool at OpenAI and Google; Anthropic takes twice as long ones. */
const TOOL_NAME_LENGTH_MAX = 64;

const unsupportedName = ({ tools = [] }: NeutralRequest): string | null =>
  tools.some(({ name }) => name.length > TOOL_NAME_LENGTH_MAX)
    ? `This model takes names of tools of at most ${TOOL_NAME_LENGTH_MAX} characters`
    : null;

function unsupportedByGoogle(request: NeutralRequest): string | null {
  const images = imagesOf(request);
  if (images.some(({ source }) => source.kind === 'url'))
    return 'This model takes images as base64, not by URL';
  if (images.some(({ source }) => source.kind === 'base64' && source.media_type === 'image/gif'))
    return 'This model takes no GIF';
  if (request.tools === undefined) return null;
  const name = unsupportedName(request);
  if (name !== null) return name;
  if (request.parallel_tool_calls === false)
    return 'This model cannot be kept from calling several tools at once';
  const format = request.response_format?.type;
  if (format === 'json_object' || format === 'json_schema')
    return 'This model takes tools or a form of answer, not both';
  return null;
}

/**
 * Why a provider cannot do what the request asks, whatever the model; null when it can. For the caller's eyes: it names
 * no provider. What is only a hint (detail of an image, `strict`) and what is documented as OpenAI's alone (`extra`) is no
 * reason.
 */
export function unsupportedBy(kind: ProviderKind, request: NeutralRequest): string | null {
  const refused = refusedParameter(request.extra);
  if (refused !== null) return `The parameter ${refused} is not supported`;
  switch (kind) {
    case 'openai':
      return unsupportedName(request);
    case 'anthropic':
      return unsupportedByAnthropic(request);
    case 'google':
      return unsupportedByGoogle(request);
  }
}
