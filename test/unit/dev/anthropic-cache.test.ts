import { expect, it } from 'vitest';
import { type CachedBlock, PromptCache } from '../../../dev/simulators/anthropic/cache.ts';

const block = (text: string, mark: CachedBlock['mark'] = null, tokens = 1_100): CachedBlock => ({
  text,
  tokens,
  mark,
});

it('a prefix is written once and read until its time is over', () => {
  const cache = new PromptCache();
  const first = [block('tools'), block('system', '5m'), block('hello')];
  expect(cache.use('key', first, 0)).toEqual({ read_tokens: 0, written_tokens: 2_200, hour_tokens: 0 });
  const second = [...first, block('answer'), block('more', '5m')];
  expect(cache.use('key', second, 1_000)).toEqual({
    read_tokens: 2_200,
    written_tokens: 3_300,
    hour_tokens: 0,
  });
  expect(cache.use('key', second, 2_000)).toEqual({ read_tokens: 5_500, written_tokens: 0, hour_tokens: 0 });
  expect(cache.use('other', second, 2_000).read_tokens).toBe(0);
  expect(cache.use('key', second, 400_000).read_tokens).toBe(0);
});

it('a prefix is written for the time of its mark, the longer time first', () => {
  const cache = new PromptCache();
  const prompt = [block('tools', '1h'), block('system'), block('hello', '5m')];
  expect(cache.use('key', prompt, 0)).toEqual({
    read_tokens: 0,
    written_tokens: 3_300,
    hour_tokens: 1_100,
  });
  expect(cache.use('key', prompt, 400_000)).toEqual({
    read_tokens: 1_100,
    written_tokens: 2_200,
    hour_tokens: 0,
  });
});

it('a prefix that is short, changed or unmarked is not read', () => {
  const cache = new PromptCache();
  expect(cache.use('key', [block('short', '5m', 1_000)], 0)).toEqual({
    read_tokens: 0,
    written_tokens: 0,
    hour_tokens: 0,
  });
  cache.use('key', [block('system', '1h'), block('hello')], 0);
  expect(cache.use('key', [block('System', '1h')], 1).read_tokens).toBe(0);
  expect(cache.use('key', [block('system'), block('hello')], 1).read_tokens).toBe(0);
  const far = Array.from({ length: 21 }, (_, at) => block(`turn ${at}`));
  expect(cache.use('key', [block('system'), ...far, block('last', '5m')], 1).read_tokens).toBe(0);
});
