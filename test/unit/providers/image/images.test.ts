import { describe, expect, it } from 'vitest';
import { imagesRequest, imagesResponse } from '../../../../contracts/v1/images.ts';
import type { ImageGeneration } from '../../../../worker/executions/image-task.ts';
import type { ResponseOf } from '../../../../worker/executions/task.ts';
import { readImages, readImageUsage } from '../../../../worker/providers/openai/endpoints/images.ts';
import { imagesJson, translateImages } from '../../../../worker/surfaces/openai/images.ts';

const image = { b64_json: 'iVBORw0K' };
const usage = {
  input_tokens: 60,
  input_tokens_details: { text_tokens: 10, image_tokens: 50 },
  output_tokens: 272,
};

describe('the usage of images', () => {
  it('is images in the output, and text and images in the input', () => {
    expect(readImageUsage(usage)).toEqual({
      ...{ input_tokens: 10, input_image_tokens: 50, output_tokens: 0, output_image_tokens: 272 },
      ...{ cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 },
    });
  });

  it('is text in the output where the model tells it apart', () => {
    const told = { ...usage, output_tokens_details: { text_tokens: 72, image_tokens: 200 } };
    expect(readImageUsage(told)).toMatchObject({ output_tokens: 72, output_image_tokens: 200 });
  });

  it.each([
    ['nothing', undefined],
    ['no output', { ...usage, output_tokens: 0 }],
    ['no input', { ...usage, input_tokens: 0 }],
    ['a negative count', { ...usage, output_tokens: -1 }],
    ['a text', { ...usage, input_tokens: '60' }],
  ])('is not known of %s', (_name, reported) => {
    expect(readImageUsage(reported)).toBeNull();
  });
});

describe('an answer with images', () => {
  it('is read with what was asked for, or fewer', () => {
    expect(readImages({ data: [image], usage }, { n: 2 })).toMatchObject({
      ok: true,
      value: { piece: { images: [image] }, usage: { output_image_tokens: 272 } },
    });
  });

  it.each([
    ['more images than were asked for', { data: [image, image] }, 'invalid_response'],
    ['no image', { data: [] }, 'invalid_response'],
    ['a URL', { data: [{ url: 'https://images.example.com/1.png' }] }, 'invalid_response'],
    ['an error with a status of success', { error: { message: 'busy', code: 503 } }, 'overloaded'],
  ])('is not read from %s', (_name, body, kind) => {
    expect(readImages(body, { n: 1 })).toMatchObject({ ok: false, failure: { kind } });
  });
});

it('a request has one image unless it names another number, and no nulls', () => {
  const body = imagesRequest.parse({
    model: 'm',
    prompt: 'a',
    n: null,
    size: null,
    quality: 'low',
    user: 'u',
  });
  expect(translateImages(body)).toEqual({ model: 'm', prompt: 'a', n: 1, quality: 'low', user: 'u' });
  const told = imagesRequest.parse({
    model: 'm',
    prompt: 'a',
    n: 2,
    response_format: 'b64_json',
    stream: false,
  });
  expect(translateImages(told)).toEqual({ model: 'm', prompt: 'a', n: 2 });
});

it('an answer has the form of OpenAI’s', () => {
  const response = {
    created_at: '2026-11-30T00:00:00.000Z',
    images: [image, { ...image, revised_prompt: 'b' }],
    usage: readImageUsage(usage),
  } as ResponseOf<ImageGeneration>;
  const written = imagesResponse.parse(JSON.parse([...imagesJson(response)].join('')));
  expect(written).toEqual({
    created: Date.parse(response.created_at) / 1_000,
    data: response.images,
    usage: {
      ...{ input_tokens: 60, input_tokens_details: { text_tokens: 10, image_tokens: 50 } },
      ...{ output_tokens: 272, total_tokens: 332 },
    },
  });
});
