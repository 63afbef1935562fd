import { describe, expect, it } from 'vitest';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { needsOf, unsupportedBy } from '../../../worker/providers/capabilities.ts';
import type { NeutralRequest } from '../../../worker/providers/provider.ts';
import {
  conversation,
  image,
  imageAt,
  pdf,
  pdfAt,
  recipeFormat,
  say,
  timeTool,
  weatherTool,
} from './wire-cases.ts';

const called: ChatOptions['messages'] = [
  { role: 'assistant', content: [], tool_calls: [{ id: 'a', name: 'f', arguments: '{}' }] },
  { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'x' }] },
];

describe('what a request needs', () => {
  it.each<[Partial<ChatOptions>, string[]]>([
    [{}, []],
    [{ messages: [{ role: 'user', content: [image()] }] }, ['images']],
    [{ messages: [{ role: 'user', content: [imageAt('https://a.test/b.png')] }] }, ['images', 'image_urls']],
    [{ messages: [{ role: 'user', content: [pdf()] }] }, ['documents']],
    [{ tools: [timeTool] }, ['tools']],
    [{ messages: called }, ['tools']],
    [{ messages: called.slice(1) }, ['tools']],
    [{ response_format: { type: 'text' } }, []],
    [{ response_format: { type: 'json_object' } }, ['json_object']],
    [{ response_format: recipeFormat, tools: [timeTool] }, ['tools', 'json_schema']],
  ])('of %j is %j', (options, needs) => {
    expect(needsOf({ messages: say(['user', 'U']), ...options })).toEqual(needs);
  });
});

const map = {
  type: 'object',
  properties: { counts: { type: 'object', additionalProperties: { type: 'integer' } } },
};

describe('what a provider cannot do', () => {
  const reasonOf = (kind: 'openai' | 'anthropic' | 'google', request: Partial<NeutralRequest>) =>
    unsupportedBy(kind, { ...conversation, model: 'claude-sonnet-4-6', ...request });
  const gif = { ...image(), source: { ...image().source, media_type: 'image/gif' as const } };

  it.each<[string, Partial<NeutralRequest>, { anthropic: RegExp | null; google: RegExp | null }]>([
    ['text', {}, { anthropic: null, google: null }],
    ['an image', { messages: [{ role: 'user', content: [image()] }] }, { anthropic: null, google: null }],
    ['a GIF', { messages: [{ role: 'user', content: [gif] }] }, { anthropic: null, google: /no GIF/ }],
    [
      'an image by URL',
      { messages: [{ role: 'user', content: [imageAt('https://a.test/b.png')] }] },
      { anthropic: null, google: /not by URL/ },
    ],
    ['tools', { tools: [timeTool] }, { anthropic: null, google: null }],
    [
      'one tool at a time',
      { tools: [timeTool], parallel_tool_calls: false },
      { anthropic: null, google: null },
    ],
    ['one tool at a time, of none', { parallel_tool_calls: false }, { anthropic: null, google: null }],
    ['any JSON', { response_format: { type: 'json_object' } }, { anthropic: /json_schema/, google: null }],
    ['JSON of a schema', { response_format: recipeFormat }, { anthropic: null, google: null }],
    [
      'JSON of a schema with a map',
      { response_format: { ...recipeFormat, schema: map } },
      { anthropic: /additionalProperties/, google: null },
    ],
    [
      'tools and a form of answer',
      { tools: [timeTool], response_format: recipeFormat },
      { anthropic: null, google: /not both/ },
    ],
    ['a low temperature', { temperature: 0.2 }, { anthropic: null, google: null }],
    ['a high temperature', { temperature: 1.2 }, { anthropic: /at most 1/, google: null }],
    ['temperature and top_p', { temperature: 0.2, top_p: 0.5 }, { anthropic: null, google: null }],
    ['five stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, { anthropic: null, google: null }],
    ['six stops', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }, { anthropic: null, google: null }],
    ['the default of both', { temperature: 1, top_p: 1 }, { anthropic: null, google: null }],
    ['a blank stop', { stop: ['x', '\n\n'] }, { anthropic: /white space/, google: null }],
    ['a seed', { extra: { seed: 7 } }, { anthropic: null, google: null }],
  ])('of %s is told', (_what, request, expected) => {
    expect(reasonOf('openai', request)).toBeNull();
    for (const kind of ['anthropic', 'google'] as const) {
      const reason = reasonOf(kind, request);
      if (expected[kind] === null) expect(reason).toBeNull();
      else expect(reason).toMatch(expected[kind]);
    }
  });

  it.each([
    ['n', 2],
    ['logprobs', true],
    ['top_logprobs', 5],
    ['best_of', 3],
    ['model', 'dearer'],
    ['messages', []],
    ['max_tokens', 1e9],
    ['max_completion_tokens', 1e9],
    ['stream', true],
    ['stream_options', {}],
    ['temperature', 0],
    ['service_tier', 'priority'],
    ['store', true],
    ['modalities', ['text', 'audio']],
    ['audio', { voice: 'alloy' }],
    ['prediction', { type: 'content', content: 'x' }],
    ['web_search_options', {}],
    ['functions', []],
    ['function_call', 'auto'],
    ['models', ['a', 'b']],
    ['plugins', [{ id: 'web' }]],
    // Servers written in Go take these for the same.
    ['N', 2],
    ['Max_Completion_Tokens', 1e9],
    ['SERVICE_TIER', 'priority'],
    ['\u017fervice_tier', 'priority'],
    ['max_to\u212aens', 1e9],
  ])('the parameter %s of %j is refused by name, at every provider', (name, value) => {
    for (const kind of ['openai', 'anthropic', 'google'] as const) {
      expect(reasonOf(kind, { extra: { seed: 1, [name]: value } })).toContain(name);
    }
  });

  it.each([
    ['n', 1],
    ['n', null],
    ['store', false],
    ['service_tier', 'auto'],
    ['modalities', ['text']],
    ['seed', 7],
    ['user', 'u'],
    ['reasoning_effort', 'low'],
    ['constructor', 1],
  ])('the parameter %s of %j is not', (name, value) => {
    expect(reasonOf('openai', { extra: { [name]: value } })).toBeNull();
  });
});

it('takes documents where the provider does, and by URL at Anthropic alone', () => {
  const withPart = (part: ReturnType<typeof pdf> | ReturnType<typeof pdfAt>): NeutralRequest => ({
    ...conversation,
    messages: [{ role: 'user', content: [part] }],
  });
  for (const kind of ['openai', 'anthropic', 'google'] as const)
    expect(unsupportedBy(kind, withPart(pdf()))).toBeNull();
  expect(unsupportedBy('deepseek', withPart(pdf()))).toContain('no documents');
  const byUrl = withPart(pdfAt('https://a.test/b.pdf'));
  expect(unsupportedBy('anthropic', byUrl)).toBeNull();
  for (const kind of ['openai', 'google'] as const)
    expect(unsupportedBy(kind, byUrl)).toContain('documents as base64, not by URL');
});

it('takes names of tools as long as the provider does', () => {
  const named = (length: number) => ({
    ...conversation,
    tools: [{ ...weatherTool, name: 'n'.repeat(length) }],
  });
  for (const kind of ['openai', 'anthropic', 'google'] as const) {
    expect(unsupportedBy(kind, named(64))).toBeNull();
    if (kind === 'anthropic') expect(unsupportedBy(kind, named(128))).toBeNull();
    else expect(unsupportedBy(kind, named(65))).toContain('64 characters');
  }
});
