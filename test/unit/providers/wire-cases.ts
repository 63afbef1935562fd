import type { ChatMessage } from '../../../contracts/chat/chat.ts';
import type { NeutralRequest, ProviderResult } from '../../../worker/providers/provider.ts';

type Texts = ['system' | 'user' | 'assistant', ...string[]];

/** Messages of text alone: who speaks, and the parts of what they say. */
export const say = (...messages: Texts[]): ChatMessage[] =>
  messages.map(([role, ...texts]) => ({ role, content: texts.map((text) => ({ type: 'text', text })) }));

/** A conversation with everything that a provider may want arranged: instructions in two places, one side twice in a row. */
export const conversation: NeutralRequest = {
  model: 'm',
  messages: say(
    ['system', 'S1'],
    ['user', 'U1'],
    ['user', 'U2'],
    ['assistant', 'A1'],
    ['system', 'S2'],
    ['user', 'U3'],
  ),
  max_output_tokens: 64,
};

/** What cannot be a count of tokens. */
export const unusableCounts = [-1, 1.5, '12', 1e12, Number.NaN, Number.POSITIVE_INFINITY, [], {}, true];

export const usageOf = (result: ProviderResult) => (result.ok ? result.completion.usage : result.failure);
export const finishOf = (result: ProviderResult) =>
  result.ok ? result.completion.finish_reason : result.failure;

/** A tool whose arguments are of many kinds. */
export const weatherTool = {
  name: 'get_weather',
  description: 'The weather at a place',
  parameters: {
    type: 'object',
    properties: {
      place: { type: 'string', description: 'A town' },
      unit: { enum: ['celsius', 'fahrenheit'] },
      days: { type: 'integer', minimum: 1, maximum: 7 },
    },
    required: ['place', 'unit', 'days'],
    additionalProperties: false,
  },
};

export const timeTool = {
  name: 'get_time',
  parameters: { type: 'object', properties: {}, additionalProperties: false },
};

/** The smallest PNG there is: one pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

export const image = (detail?: 'auto' | 'low' | 'high') => ({
  type: 'image' as const,
  source: { kind: 'base64' as const, media_type: 'image/png' as const, data: PIXEL },
  ...(detail !== undefined && { detail }),
});

export const imageAt = (url: string) => ({ type: 'image' as const, source: { kind: 'url' as const, url } });

/** A PDF, as far as anybody looks. */
const PDF = 'JVBERi0xLjQK';

export const pdf = (more: { title?: string; context?: string } = {}) => ({
  type: 'document' as const,
  source: { kind: 'base64' as const, media_type: 'application/pdf' as const, data: PDF },
  ...more,
});

export const pdfAt = (url: string) => ({ type: 'document' as const, source: { kind: 'url' as const, url } });

/** A recording, as far as anybody listens. */
export const recording = (media_type: 'audio/mpeg' | 'audio/wav' = 'audio/mpeg') => ({
  type: 'audio' as const,
  source: { kind: 'base64' as const, media_type, data: 'aGk=' },
});

/** A form of answer that every provider takes. */
export const recipeFormat = {
  type: 'json_schema' as const,
  name: 'recipe',
  schema: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      minutes: { type: 'integer' },
      steps: { type: 'array', items: { type: 'string' } },
    },
    required: ['title', 'minutes', 'steps'],
    additionalProperties: false,
  },
};
