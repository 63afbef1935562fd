import { describe, expect, it } from 'vitest';
import { mergeReports, readReport, readUsage } from '../../../../worker/providers/openai/usage.ts';
import { unusableCounts } from '../wire-cases.ts';

/** Input, cache read, cache write, output and reasoning of the usage that these reports of one answer add up to; null without. */
const read = (reports: unknown[], spoke = true) => {
  const usage = readUsage(reports.map(readReport).reduce(mergeReports, null), { spoke })?.usage;
  return usage === undefined
    ? null
    : [
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
      ];
};
const plain = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
const isCorrected = (report: unknown) => readUsage(readReport(report), { spoke: true })?.is_corrected;

describe('a report of usage', () => {
  it.each<[string, object, (number | null)[] | null]>([
    ['of OpenAI', { ...plain, prompt_tokens_details: { cached_tokens: 600 } }, [400, 600, 0, 100, 0]],
    ['of Kimi, with cached tokens at its top', { ...plain, cached_tokens: 600 }, [400, 600, 0, 100, 0]],
    [
      'of DeepSeek, with cache hits and misses',
      { ...plain, prompt_cache_hit_tokens: 600, prompt_cache_miss_tokens: 400 },
      [400, 600, 0, 100, 0],
    ],
    [
      'with misses that are always zero',
      { ...plain, prompt_cache_hit_tokens: 0, prompt_cache_miss_tokens: 0 },
      [1_000, 0, 0, 100, 0],
    ],
    [
      'with two names for one cache',
      { ...plain, cached_tokens: 600, prompt_tokens_details: { cached_tokens: 0 } },
      [400, 600, 0, 100, 0],
    ],
    [
      'under the names of Responses',
      {
        input_tokens: 1_000,
        output_tokens: 100,
        input_tokens_details: { cached_tokens: 600 },
        output_tokens_details: { reasoning_tokens: 40 },
      },
      [400, 600, 0, 100, 40],
    ],
    [
      'under both names, of which one is zero',
      { ...plain, input_tokens: 0, output_tokens: 0 },
      [1_000, 0, 0, 100, 0],
    ],
    [
      'under the names of Anthropic, with the cache beside the prompt',
      {
        input_tokens: 10,
        output_tokens: 100,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 30,
      },
      [10, 4, 30, 100, 0],
    ],
    [
      'under the names of both, with the cache in the prompt',
      { ...plain, cache_read_input_tokens: 600, cache_creation_input_tokens: 300 },
      [100, 600, 300, 100, 0],
    ],
    [
      'with a total that counts the cache beside the prompt',
      { ...plain, total_tokens: 1_700, prompt_tokens_details: { cached_tokens: 600 } },
      [1_000, 600, 0, 100, 0],
    ],
    [
      'with more cached tokens than the prompt has',
      { ...plain, prompt_tokens_details: { cached_tokens: 1_001 } },
      [1_000, 1_001, 0, 100, 0],
    ],
    ['with thoughts that only its total shows', { ...plain, total_tokens: 1_660 }, [1_000, 0, 0, 660, 560]],
    [
      'with thoughts that only its total shows, and a cache',
      { ...plain, total_tokens: 1_660, prompt_tokens_details: { cached_tokens: 200 } },
      [800, 200, 0, 660, 560],
    ],
    [
      'with reasoning beside the completion, as its total shows',
      { ...plain, total_tokens: 1_150, completion_tokens_details: { reasoning_tokens: 50 } },
      [1_000, 0, 0, 150, 50],
    ],
    [
      'with more reasoning than completion',
      { ...plain, completion_tokens_details: { reasoning_tokens: 400 } },
      [1_000, 0, 0, 500, 400],
    ],
    ['with a prompt that only its total shows', { ...plain, prompt_tokens: 0 }, [1_000, 0, 0, 100, 0]],
    [
      'with a completion that only its total shows',
      { ...plain, completion_tokens: 0 },
      [1_000, 0, 0, 100, 100],
    ],
    ['with a total that is too small', { ...plain, total_tokens: 3 }, [1_000, 0, 0, 100, 0]],
    ['of zeros beside an answer', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, null],
    ['of no output beside an answer', { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10 }, null],
    ['of no prompt', { prompt_tokens: 0, completion_tokens: 10, total_tokens: 10 }, null],
    ['of a prompt alone', { prompt_tokens: 10 }, null],
    [
      'of hits that contradict the misses',
      { ...plain, prompt_cache_hit_tokens: 1_001, prompt_cache_miss_tokens: 400 },
      null,
    ],
  ])('%s is read', (_, report, expected) => expect(read([report])).toEqual(expected));

  it('of no output is believed beside an answer that says nothing', () => {
    expect(read([{ prompt_tokens: 10, completion_tokens: 0 }], false)).toEqual([10, 0, 0, 0, 0]);
  });

  it.each(unusableCounts)('that counts %j is not used', (count) => {
    expect(read([{ ...plain, prompt_tokens: count }])).toBeNull();
    expect(read([{ ...plain, completion_tokens: count }])).toBeNull();
    expect(read([{ ...plain, cached_tokens: count }])).toBeNull();
    expect(read([{ ...plain, completion_tokens_details: { reasoning_tokens: count } }])).toBeNull();
  });

  it.each([undefined, null, 'none', [], {}, { total_tokens: 0 }])('is missing in %j', (report) => {
    expect(readReport(report)).toBeNull();
  });

  it('is marked as corrected if it contradicts itself', () => {
    expect(isCorrected(plain)).toBe(false);
    expect(isCorrected({ ...plain, total_tokens: 1_660 })).toBe(false);
    expect(isCorrected({ ...plain, cached_tokens: 1_001 })).toBe(true);
    expect(isCorrected({ ...plain, completion_tokens_details: { reasoning_tokens: 400 } })).toBe(true);
  });
});

describe('the reports of one stream', () => {
  const cached = { ...plain, prompt_tokens_details: { cached_tokens: 600 } };
  it.each<[string, object[], number[] | null]>([
    [
      'are running totals, of which the last counts',
      [
        { prompt_tokens: 10, completion_tokens: 1 },
        { prompt_tokens: 10, completion_tokens: 3 },
      ],
      [10, 0, 0, 3, 0],
    ],
    ['keep what a last report leaves out', [cached, plain], [400, 600, 0, 100, 0]],
    [
      'keep what a last report says as zero',
      [cached, { prompt_tokens: 0, completion_tokens: 101 }],
      [400, 600, 0, 101, 0],
    ],
    [
      'are not ended by a report of zeros',
      [plain, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
      [1_000, 0, 0, 100, 0],
    ],
    [
      'never take output back',
      [plain, { ...plain, completion_tokens: 1, total_tokens: 1_001 }],
      [1_000, 0, 0, 100, 0],
    ],
    [
      'correct the prompt',
      [
        { prompt_tokens: 12, completion_tokens: 1 },
        { prompt_tokens: 10, completion_tokens: 4 },
      ],
      [10, 0, 0, 4, 0],
    ],
    ['add up from parts', [{ prompt_tokens: 10 }, { completion_tokens: 4 }], [10, 0, 0, 4, 0]],
    [
      'show thoughts by the last total',
      [
        { prompt_tokens: 10, completion_tokens: 0, total_tokens: 60 },
        { prompt_tokens: 10, completion_tokens: 5, total_tokens: 95 },
      ],
      [10, 0, 0, 85, 80],
    ],
    ['are not used if one cannot be true', [plain, { ...plain, prompt_tokens: -2 }], null],
  ])('%s', (_, reports, expected) => expect(read(reports)).toEqual(expected));
});

describe('images and audio in a report', () => {
  const usageOf = (...reports: unknown[]) =>
    readUsage(reports.map(readReport).reduce(mergeReports, null), { spoke: true });

  it('are classes of their own, as parts of prompt and completion', () => {
    const report = {
      ...plain,
      prompt_tokens_details: { cached_tokens: 100, audio_tokens: 300, image_tokens: 200, text_tokens: 500 },
      completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 50, image_tokens: 10 },
    };
    expect(usageOf(report)).toEqual({
      is_corrected: false,
      usage: {
        ...{ input_tokens: 400, input_image_tokens: 200, input_audio_tokens: 300 },
        ...{ cache_read_tokens: 100, cache_write_tokens: 0 },
        ...{ output_tokens: 40, output_image_tokens: 10, output_audio_tokens: 50, reasoning_tokens: 20 },
      },
    });
  });

  it('are missing where there are none, and survive a last report that is partial', () => {
    const details = { prompt_tokens_details: { image_tokens: 200 } };
    const empty = { prompt_tokens_details: { image_tokens: 0, audio_tokens: 0 } };
    expect(Object.keys(usageOf({ ...plain, ...empty })?.usage ?? {})).toHaveLength(5);
    expect(usageOf({ ...plain, ...details }, { ...plain, ...empty })?.usage).toMatchObject({
      ...{ input_tokens: 800, input_image_tokens: 200 },
    });
  });

  it('leave cached tokens to text as far as there is any', () => {
    const cached = (cached_tokens: number) =>
      usageOf({ ...plain, prompt_tokens_details: { cached_tokens, image_tokens: 600 } });
    expect(cached(300)).toMatchObject({ usage: { input_tokens: 100, input_image_tokens: 600 } });
    expect(cached(700)).toMatchObject({
      usage: { input_tokens: 0, input_image_tokens: 300, cache_read_tokens: 700 },
      is_corrected: false,
    });
  });

  it('are cut to what they are a part of, and marked', () => {
    expect(
      usageOf({
        ...plain,
        prompt_tokens_details: { audio_tokens: 900, image_tokens: 900 },
        completion_tokens_details: { audio_tokens: 900 },
      }),
    ).toMatchObject({
      usage: { input_audio_tokens: 900, input_image_tokens: 100, input_tokens: 0, output_audio_tokens: 100 },
      is_corrected: true,
    });
  });

  it.each(unusableCounts)('make the report unusable by a count of %j', (count) => {
    expect(usageOf({ ...plain, prompt_tokens_details: { image_tokens: count } })).toBeNull();
    expect(usageOf({ ...plain, completion_tokens_details: { audio_tokens: count } })).toBeNull();
  });
});
