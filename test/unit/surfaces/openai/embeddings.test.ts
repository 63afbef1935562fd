import { describe, expect, it } from 'vitest';
import { embeddingsRequest, embeddingsResponse } from '../../../../contracts/v1/embeddings.ts';
import type { Embedding } from '../../../../worker/executions/embedding-task.ts';
import type { ResponseOf } from '../../../../worker/executions/task.ts';
import { vectorOf } from '../../../../worker/providers/embedding/vector.ts';
import { embeddingsJson, translateEmbeddings } from '../../../../worker/surfaces/openai/embeddings.ts';

const parse = (fields: Record<string, unknown>) => embeddingsRequest.safeParse({ model: 'm', ...fields });
const inputOf = (input: unknown) => {
  const parsed = parse({ input });
  return parsed.success ? translateEmbeddings(parsed.data).input : parsed.error.issues[0]?.message;
};

describe('the input of a request for embeddings', () => {
  it.each([
    ['a text', 'a', { of: 'texts', items: ['a'] }],
    ['texts', ['a', 'b'], { of: 'texts', items: ['a', 'b'] }],
    ['tokens', [1, 2], { of: 'tokens', items: [[1, 2]] }],
    ['lists of tokens', [[1], [2, 3]], { of: 'tokens', items: [[1], [2, 3]] }],
  ])('may be %s', (_name, input, expected) => {
    expect(inputOf(input)).toEqual(expected);
  });

  it.each([
    ['missing', undefined, /must be a text/],
    ['null', null, /must be a text/],
    ['an object', { text: 'a' }, /must be a text/],
    ['an empty text', '', /empty text/],
    ['no items', [], /at least one item/],
    ['an empty text among others', ['a', ''], /empty text/],
    ['an empty list of tokens', [[1], []], /empty list of tokens/],
    ['texts and tokens', ['a', 1], /must be a text/],
    ['fractions', [1.5], /must be a text/],
    ['negative tokens', [-1], /must be a text/],
    ['more than 2,048 texts', new Array(2_049).fill('a'), /at most 2048 items/],
    ['more than 2,048 lists', new Array(2_049).fill([1]), /at most 2048 items/],
    ['more than 300,000 tokens', new Array(300_001).fill(1), /at most 300000 tokens/],
    ['more than 300,000 tokens in all', new Array(2).fill(new Array(150_001).fill(1)), /at most 300000/],
  ])('cannot be %s', (_name, input, rule) => {
    expect(inputOf(input)).toMatch(rule);
  });

  it('may be 300,000 tokens, and names its field when it may not', () => {
    expect(inputOf(new Array(300_000).fill(7))).toMatchObject({ of: 'tokens' });
    expect(parse({ input: '' }).error?.issues).toMatchObject([{ path: ['input'], code: 'custom' }]);
  });
});

it('a request may hold null where SDKs send it, and nothing that is not known', () => {
  const nulls = parse({ input: 'a', dimensions: null, encoding_format: null, user: null });
  expect(nulls.success && translateEmbeddings(nulls.data)).toEqual({
    model: 'm',
    input: { of: 'texts', items: ['a'] },
  });
  expect(parse({ input: 'a', truncate: true }).success).toBe(false);
  expect(parse({ input: 'a', dimensions: 0 }).success).toBe(false);
  expect(parse({ input: 'a', encoding_format: 'hex' }).success).toBe(false);
});

const response = {
  model: 'm',
  vectors: [vectorOf([0.5, -1]), vectorOf([2, 0.25])],
  usage: {
    input_tokens: 7,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
  },
} as ResponseOf<Embedding>;
const written = (encoding_format: 'float' | 'base64' | undefined) =>
  embeddingsResponse.parse(JSON.parse([...embeddingsJson(response, { encoding_format })].join('')));

describe('the answer with embeddings', () => {
  it('has numbers unless base64 is asked for', () => {
    expect(written(undefined)).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -1] },
        { object: 'embedding', index: 1, embedding: [2, 0.25] },
      ],
      model: 'm',
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
    expect(written('float')).toEqual(written(undefined));
    expect(written('base64').data.map(({ embedding }) => embedding)).toEqual(response.vectors);
  });
});
