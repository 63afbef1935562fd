import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage, ReasoningPart } from '../../../../contracts/chat/chat.ts';
import type { ProviderKind } from '../../../../contracts/usage.ts';
import { answerTo } from '../../../../dev/simulators/answer.ts';
import { readMessageRequest } from '../../../../dev/simulators/anthropic/body.ts';
import { readContentRequest } from '../../../../dev/simulators/google-body.ts';
import { readChatRequest } from '../../../../dev/simulators/openai-body.ts';
import { messageParams } from '../../../../worker/providers/anthropic/request.ts';
import { unsupportedBy } from '../../../../worker/providers/capabilities.ts';
import { generateContentParams } from '../../../../worker/providers/google/request.ts';
import {
  byteLength,
  completionBytes,
  eventBytes,
  inputTokensBound,
} from '../../../../worker/providers/metering/token-bound.ts';
import { chatCompletionParams } from '../../../../worker/providers/openai/request.ts';
import type { NeutralRequest, StreamEvent } from '../../../../worker/providers/provider.ts';
import { kindModules } from '../../../../worker/providers/registry.ts';
import { conversation, image, recipeFormat, say, timeTool, weatherTool } from '../wire-cases.ts';

const kinds = ['openai', 'anthropic', 'google'] as const;

const boundOf = (request: Partial<NeutralRequest>, kind: ProviderKind = 'openai') =>
  inputTokensBound(kind, { ...conversation, model: 'gpt-6-astra', ...request });

/** What the simulated provider counts for the request our adapter makes of this. */
function simulatedTokens(kind: (typeof kinds)[number], request: NeutralRequest): number {
  const body = {
    openai: () => readChatRequest(chatCompletionParams(request, 'https://api.openai.com/v1')),
    anthropic: () => readMessageRequest(messageParams(request), { 'anthropic-version': '2023-06-01' }),
    google: () => {
      const raw: unknown = generateContentParams(request);
      return readContentRequest({ kind: 'generate', model: request.model, stream: false }, raw);
    },
  }[kind]();
  if (!body.ok) throw new Error(body.message);
  return answerTo(body.request).input_tokens;
}

const words = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('日本語', '{"a":"\\"é\\""}', '😀'),
);
const text = words.map((chars) => ({ type: 'text' as const, text: `${chars.replaceAll('\u0000', '')}.` }));
const anyImage = fc.constantFrom(image('low'), image('high'), image('auto'), image());
const spoken: fc.Arbitrary<ChatMessage[]> = fc.oneof(
  fc.array(text, { minLength: 1, maxLength: 3 }).map((content) => [{ role: 'system' as const, content }]),
  fc
    .array(fc.oneof(text, anyImage), { minLength: 1, maxLength: 3 })
    .map((content) => [{ role: 'user' as const, content }]),
  fc.array(text, { minLength: 1, maxLength: 2 }).map((content) => [{ role: 'assistant' as const, content }]),
  fc
    .record({ given: fc.dictionary(words, words), answered: text, is_error: fc.boolean(), id: fc.uuid() })
    .map(({ given, answered, is_error, id }): ChatMessage[] => [
      {
        role: 'assistant',
        content: [],
        tool_calls: [{ id, name: 'get_weather', arguments: JSON.stringify(given) }],
      },
      { role: 'tool', tool_call_id: id, content: [answered], is_error },
    ]),
);
const anyRequest: fc.Arbitrary<NeutralRequest> = fc
  .record({
    turns: fc.array(spoken, { maxLength: 5 }),
    last: text,
    tools: fc.option(fc.constantFrom([weatherTool], [weatherTool, timeTool]), { nil: undefined }),
    response_format: fc.option(fc.constant(recipeFormat), { nil: undefined }),
    model: fc.constantFrom('gpt-6-astra', 'gemini-3-pro', 'unheard-of'),
  })
  .map(({ turns, last, tools, response_format, model }) => ({
    model,
    messages: [...turns.flat(), { role: 'user', content: [last] }],
    max_output_tokens: 100,
    ...(tools && { tools: [...tools] }),
    ...(response_format && { response_format }),
  }));

describe('the bound of a prompt', () => {
  it.each(kinds)('is never below what the simulated %s counts', (kind) => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        fc.pre(unsupportedBy(kind, request) === null);
        expect(simulatedTokens(kind, request)).toBeLessThanOrEqual(inputTokensBound(kind, request));
      }),
      { numRuns: 300 },
    );
  });

  const bound = (...contents: string[]) =>
    boundOf({ messages: contents.flatMap((content) => say(['user', content])) });

  it('counts bytes, not characters', () => {
    expect(bound('é€😀') - bound('abc')).toBe(2 + 3 + 4 - 3);
  });

  it('holds where a tokenizer normalizes a text before it counts, by NFKC', () => {
    const ligature = '\ufdfa';
    expect(byteLength(ligature.normalize('NFKC'))).toBe(33);
    const plain = bound('');
    for (const count of [1, 100, 70_000]) expect(bound(ligature.repeat(count)) - plain).toBe(33 * count);
    // A fullwidth letter becomes shorter.
    expect(bound('\uff21') - plain).toBe(3);
    expect(boundOf({ tools: [{ ...timeTool, description: ligature }] })).toBe(
      boundOf({ tools: [{ ...timeTool, description: 'x'.repeat(33) }] }),
    );
  });

  it('grows with every message and every part', () => {
    expect(bound('a', 'b') - bound('a')).toBe(1 + 8 + 8);
    expect(boundOf({ messages: say(['user', 'a', 'b']) }) - bound('a')).toBe(1 + 8);
  });

  it('covers reasoning that goes back, of which the text can be a summary', () => {
    const reasoned = (reasoning: ReasoningPart[]) =>
      inputTokensBound('anthropic', {
        ...conversation,
        messages: [{ role: 'assistant', content: [], reasoning }],
      });
    const more = reasoned([
      { text: 'Hm', signature: 's'.repeat(500) },
      { text: '', encrypted: 'x'.repeat(300) },
    ]);
    expect(more - reasoned([])).toBeGreaterThanOrEqual(802);
  });

  it('is an integer no smaller than the bytes of any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (contents) => {
        const result = bound(...contents);
        expect(Number.isSafeInteger(result)).toBe(true);
        expect(result).toBeGreaterThan(Buffer.byteLength(contents.join('')));
      }),
    );
  });

  it('covers JSON as formats indent it, and is counted without writing it', () => {
    const plain = boundOf({});
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (parameters) => {
        const tool = { ...weatherTool, parameters };
        expect(boundOf({ tools: [tool] }) - plain).toBeGreaterThanOrEqual(
          JSON.stringify(tool, null, 2).length,
        );
      }),
    );
    let deep: unknown = Array.from({ length: 400_000 }, () => 1);
    for (let depth = 0; depth < 98; depth += 1) deep = [deep];
    expect(boundOf({ tools: [{ ...weatherTool, parameters: { deep } }] })).toBeGreaterThan(80_000_000);
  });

  it('covers tools, their calls and answers, the form of the answer, and what is passed on unknown', () => {
    const plain = boundOf({});
    const json = (value: unknown) => JSON.stringify(value).length;
    expect(boundOf({ tools: [weatherTool] }) - plain).toBeGreaterThan(json(weatherTool) + 530);
    expect(boundOf({ response_format: recipeFormat }) - plain).toBeGreaterThan(json(recipeFormat));
    expect(boundOf({ response_format: { type: 'json_object' } })).toBeGreaterThan(plain);
    expect(boundOf({ response_format: { type: 'text' } })).toBe(plain);
    const documents = ['a long document'];
    expect(boundOf({ extra: { documents } }) - plain).toBeGreaterThan(json({ documents }));
    expect(boundOf({ extra: { documents } }, 'anthropic')).toBe(boundOf({}, 'anthropic'));
    const answered: ChatMessage = {
      role: 'tool',
      tool_call_id: 'a',
      content: [{ type: 'text', text: 'x'.repeat(99) }],
    };
    expect(boundOf({ messages: [answered] })).toBeGreaterThan(
      boundOf({ messages: say(['user', 'x'.repeat(99)]) }),
    );
  });

  it('holds where schemas are written in ASCII alone', () => {
    const described = (description: string) => boundOf({ tools: [{ ...timeTool, description }] });
    expect(described('語'.repeat(10)) - described('')).toBe(10 * '\\u8a9e'.length);
    expect(described('<&>') - described('')).toBe(3 * '\\u003c'.length);
    expect(described('plain') - described('')).toBe('plain'.length);
  });
});

describe('the bound of an image', () => {
  const boundOfOne = (
    kind: ProviderKind,
    model: string,
    ...details: ('low' | 'high' | 'auto' | undefined)[]
  ) =>
    kindModules[kind].imageTokensBound({
      model,
      max_output_tokens: 1,
      messages: [{ role: 'user', content: details.map((detail) => image(detail)) }],
    });

  /** OpenAI's tiles: fit into 2,048 px, short side to 768 px, tiles of 512 px. */
  function tiles(width: number, height: number): number {
    const fit = Math.min(1, 2_048 / Math.max(width, height));
    const shrink = Math.min(1, 768 / (Math.min(width, height) * fit));
    const [w, h] = [width * fit * shrink, height * fit * shrink].map((side) => Math.ceil(side / 512));
    return (w ?? 0) * (h ?? 0);
  }
  /** OpenAI's patches: of 32 px, within a budget and a longest side. */
  const patches = (width: number, height: number, budget: number) =>
    Math.min(Math.ceil(width / 32) * Math.ceil(height / 32), budget);

  it.each([
    // 2,048 x 4,096 at high detail: the documentation's own example comes to 1,105.
    ['gpt-4o', 'high', 85 + 170 * tiles(2_048, 4_096)],
    ['gpt-4o-2024-11-20', 'high', 85 + 170 * tiles(6_000, 2_000)],
    ['gpt-4o', 'low', 85],
    ['gpt-4o-mini', 'high', 2_833 + 5_667 * tiles(2_048, 768)],
    ['gpt-4o-mini', 'low', 2_833],
    ['o1', 'high', 75 + 150 * tiles(2_048, 768)],
    ['gpt-5', 'high', 70 + 140 * tiles(2_048, 768)],
    ['gpt-4.1-mini', 'high', Math.ceil(1.62 * patches(1_800, 2_400, 1_536))],
    ['gpt-4.1-nano', 'high', Math.ceil(2.46 * patches(6_000, 6_000, 1_536))],
    ['o4-mini', 'high', Math.ceil(1.72 * patches(6_000, 6_000, 1_536))],
    ['gpt-5-nano', 'low', Math.ceil(2.46 * patches(512, 512, 1_536))],
    ['gpt-5.5', 'high', Math.ceil(1.2 * patches(4_032, 3_024, 2_500))],
    // Measured: a photo of 12 megapixels at high detail.
    ['gpt-6-astra', 'high', 2_942],
    ['my-deployment', 'high', 48_169],
  ] as const)('covers what OpenAI documents for %s at %s detail: %i', (model, detail, documented) => {
    expect(boundOfOne('openai', model, detail)).toBeGreaterThanOrEqual(documented);
  });

  it.each([
    ['anthropic', 'claude-opus-4-7', Math.ceil(2_576 / 28) * Math.ceil(1_449 / 28)],
    ['anthropic', 'claude-sonnet-4-5', 1_568],
    ['google', 'gemini-3-pro', 1_120],
    ['google', 'models/gemini-3.8-flash', 1_101],
    ['google', 'gemini-2.5-flash', 258 * Math.ceil(3_072 / 768) ** 2],
    ['google', 'gemini-2.0-flash', 258],
  ] as const)('covers what %s documents for %s: %i', (kind, model, documented) => {
    expect(boundOfOne(kind, model, 'high')).toBeGreaterThanOrEqual(documented);
  });

  it('takes a model it cannot place for the one that counts most', () => {
    expect(boundOfOne('openai', 'unheard-of', 'high')).toBe(boundOfOne('openai', 'gpt-4o-mini', 'high'));
    expect(boundOfOne('google', 'unheard-of', 'high')).toBe(boundOfOne('google', 'gemini-2.5-pro', 'high'));
  });

  it('takes no detail and auto for high', () => {
    for (const kind of kinds) {
      expect(boundOfOne(kind, 'm', undefined)).toBe(boundOfOne(kind, 'm', 'high'));
      expect(boundOfOne(kind, 'm', 'auto')).toBe(boundOfOne(kind, 'm', 'high'));
    }
  });

  it('adds up, and is low at Google only when every image is', () => {
    expect(boundOfOne('openai', 'gpt-5', 'low', 'high')).toBe(630 + 6_150);
    expect(boundOfOne('google', 'gemini-3-pro', 'low', 'high')).toBe(2 * 1_120);
    expect(boundOfOne('google', 'gemini-3-pro', 'low', 'low')).toBe(2 * 280);
    expect(boundOfOne('anthropic', 'm', 'low', 'low')).toBe(2 * 4_784);
    expect(boundOfOne('openai', 'gpt-5')).toBe(0);
  });
});

describe('the bytes of an answer', () => {
  it('are those of text and calls, and of reasoning like them', () => {
    const events: StreamEvent[] = [
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'é' },
      { type: 'tool_call', index: 0, id: 'not counted', name: 'one' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      { type: 'done', finish_reason: 'tool_calls', usage: null },
    ];
    expect(events.reduce((sum, event) => sum + eventBytes(event), 0)).toBe(2 + 2 + 3 + 2);
    const tool_calls = [{ id: 'not counted', name: 'one', arguments: '{}' }];
    expect(completionBytes({ text: 'é', tool_calls, finish_reason: 'stop', usage: null })).toBe(2 + 3 + 2);
  });
});
