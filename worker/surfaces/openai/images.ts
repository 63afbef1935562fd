import { answerTokensOf, promptTokensOf, tokensOf } from '../../../contracts/catalog/price.ts';
import type { ImageEditsRequest, ImagesRequest } from '../../../contracts/v1/images.ts';
import type { ImageGeneration } from '../../executions/image-task.ts';
import type { ResponseOf } from '../../executions/task.ts';
import type { ImageRequest } from '../../providers/image/image.ts';

/** Translates OpenAI's generation and edits of images to our task and back. Pure. */

/** Returns the neutral form of a request: without what the surface decides itself, and without nulls. */
export function translateImages({
  model,
  prompt,
  n,
  response_format: _format,
  stream: _stream,
  ...options
}: ImagesRequest): ImageRequest {
  const told = Object.entries(options).filter(([, value]) => value !== null && value !== undefined);
  return { model, prompt, n: n ?? 1, ...Object.fromEntries(told) };
}

const listOf = (files: File | File[] | undefined): File[] =>
  files === undefined ? [] : Array.isArray(files) ? files : [files];

/** Returns the neutral form of a request that edits images. */
export function translateEdits({
  image,
  'image[]': images,
  mask,
  input_fidelity,
  stream: _stream,
  n = 1,
  ...request
}: ImageEditsRequest): ImageRequest {
  const edited = { images: listOf(image ?? images), mask, input_fidelity };
  return { ...translateImages({ ...request, n }), edited };
}

/** Writes a response as OpenAI's, in pieces of its JSON: an image can have megabytes. */
export function* imagesJson({ created_at, images, usage }: ResponseOf<ImageGeneration>): Generator<string> {
  yield `{"created":${Math.floor(Date.parse(created_at) / 1_000)},"data":[`;
  for (const [index, image] of images.entries()) yield `${index === 0 ? '' : ','}${JSON.stringify(image)}`;
  const input_tokens = usage === null ? 0 : promptTokensOf(usage);
  const output_tokens = usage === null ? 0 : answerTokensOf(usage);
  const image_tokens = usage === null ? 0 : tokensOf(usage, 'input_image');
  const told = {
    ...{ input_tokens, input_tokens_details: { text_tokens: input_tokens - image_tokens, image_tokens } },
    ...{ output_tokens, total_tokens: input_tokens + output_tokens },
  };
  yield `],"usage":${JSON.stringify(told)}}`;
}
