import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { countByTokenizer, isCountedExactly } from '../../../../worker/providers/metering/input-count.ts';
import { inputTokensBound } from '../../../../worker/providers/metering/token-bound.ts';
import { TokenCounter } from '../../../../worker/providers/metering/tokenizer.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { conversation, image, pdf, recording, weatherTool } from '../wire-cases.ts';
import { texts } from './texts.ts';

const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const o200k = (text: string) => countTokens(text, plain);
const count = async (text: string) => (await TokenCounter.load()).count(text);
const asking = (text: string, more: Partial<NeutralRequest> = {}): NeutralRequest => ({
  ...{ model: 'gpt-5.4', max_output_tokens: 10 },
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  ...more,
});

describe('the count of a text', () => {
  it.each(texts)('of $name is what o200k_base counts', async ({ text, tokens }) => {
    expect(await count(text)).toBe(tokens);
  });

  it('is that of the library for any text', async () => {
    const parts = fc.constantFrom(
      'The',
      ' fox',
      "'s",
      '  ',
      '\n',
      'é',
      '日本',
      '😀',
      '0123',
      '{"',
      '<|endoftext|>',
      '\ud800',
      'ẞ',
    );
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((found) => found.join('')),
    );
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect(await count(text)).toBe(o200k(text));
      }),
    );
  }, 30_000);

  it.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['capitals', 'A'.repeat(1_000_000)],
    ['emoji', '😀'.repeat(250_000)],
    ['Chinese without an end', '按用量计费的服务必须'.repeat(80_000)],
    [
      'words that nobody writes',
      Array.from({ length: 60_000 }, (_, n) => `xq${n.toString(36)}zvkj`).join(' '),
    ],
    ['a long book', 'The quick brown fox jumps over the lazy dog. '.repeat(150_000)],
  ])(
    'of a megabyte of %s takes a short time, and is at most its bytes',
    async (_, text) => {
      const counter = await TokenCounter.load();
      const began = performance.now();
      const tokens = counter.count(text);
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text));
    },
    30_000,
  );
});

describe('the count of a request', () => {
  it.each(texts)(
    'of $name is at most 1.3 times what an OpenAI model counts, and never less',
    async ({ text }) => {
      const long = `${text}\n`.repeat(4);
      const billed = o200k(long) + 7;
      const counted = await countByTokenizer('openai', asking(long));
      expect(counted).toBeGreaterThanOrEqual(billed);
      expect(counted / billed).toBeLessThanOrEqual(1.3);
    },
  );

  it.each([
    ['random letters', 'xkqzjvwpfhgtrbnmsdfghjklqwrtzpvb'.repeat(60)],
    ['rare scripts', '𒀀𒀁𓀀ꙮ🜁'.repeat(100)],
    ['white space', ' \t\n\r  \u00a0\u2003'.repeat(200)],
    ['special tokens', '<|endoftext|><|im_start|>'.repeat(50)],
    ['zalgo', 'Z͑ͫ̓a̴̵l̶̡g͉̱o̷̧'.repeat(50)],
    ['ligatures', '\ufdfa'.repeat(100)],
  ])('of %s is never less than o200k_base counts', async (_, text) => {
    for (const model of ['gpt-5.4', 'llama-4'])
      expect(await countByTokenizer('openai', asking(text, { model }))).toBeGreaterThanOrEqual(
        o200k(text) + 7,
      );
  });

  it('is never above its bound in bytes at a server with another tokenizer, whose tokens count a quarter more', async () => {
    const english = asking('The quick brown fox jumps over the lazy dog. '.repeat(90), { model: 'm' });
    const counted = await countByTokenizer('openai', english);
    expect(counted).toBeGreaterThan(1.25 * 900);
    expect(counted).toBeLessThan(1.3 * 1_000);
    expect(counted).toBeLessThan(inputTokensBound('openai', english) / 3);
  });

  it('is none of a request with a document, which no tokenizer reads', async () => {
    const client = providerClient({ kind: 'openai', base_url: null, secret: 'k', timeout_ms: 1_000 });
    const read = asking('Hello', { messages: [{ role: 'user', content: [pdf()] }] });
    expect(await client.countInput(read)).toBeNull();
    const heard = asking('Hello', { messages: [{ role: 'user', content: [recording()] }] });
    expect(await client.countInput(heard)).toBeNull();
    expect(await client.countInput(asking('Hello'))).toEqual({
      tokens: await countByTokenizer('openai', asking('Hello')),
      source: 'tokenizer',
    });
  });

  it('includes tools, calls and images', async () => {
    const bare = await countByTokenizer('openai', asking('Hello'));
    const tools = await countByTokenizer('openai', asking('Hello', { tools: [weatherTool] }));
    expect(tools - bare).toBeGreaterThan(o200k(JSON.stringify(weatherTool)));
    const called = await countByTokenizer('openai', { ...conversation, model: 'gpt-5.4' });
    expect(called).toBeGreaterThan(bare);
    const seen = asking('Hello', { messages: [{ role: 'user', content: [image('high')] }] });
    expect(await countByTokenizer('openai', seen)).toBeGreaterThan(6_000);
  });

  it.each([
    ['gpt-4o-mini', true],
    ['openai/gpt-5.4', true],
    ['o3', true],
    ['chatgpt-4o-latest', true],
    ['gpt-4-turbo', false],
    ['gpt-3.5-turbo', false],
    ['openai/gpt-oss-120b', false],
    ['llama-4', false],
  ])('of %s is exact: %s', (model, isExact) => {
    expect(isCountedExactly('openai', model)).toBe(isExact);
  });
});
