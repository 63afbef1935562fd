import { z } from 'zod';
import { formFile, formNumber } from './form-fields.ts';

/** POST /v1/images/generations and /v1/images/edits as OpenAI's SDKs send them (developers.openai.com/api/reference/resources/images). */

/** The most images of one answer, which is held in memory. OpenAI's limit is 10. */
export const IMAGES_MAX = 4;
/** The longest prompt, in characters: OpenAI's limit. */
const PROMPT_MAX = 32_000;

/** The body of a request for images. */
export const imagesRequest = z
  .strictObject({
    model: z.string().min(1).max(200).describe('The name of an image model.'),
    prompt: z.string().min(1).max(PROMPT_MAX).describe('The description of the images.'),
    n: z
      .int()
      .min(1)
      .max(IMAGES_MAX)
      .nullish()
      .describe(`The number of images, at most ${IMAGES_MAX}. Defaults to 1.`),
    size: z
      .string()
      .regex(/^(auto|\d{2,5}x\d{2,5})$/, 'auto, or a width and a height such as 1024x1536')
      .nullish()
      .describe('The size in pixels, such as `1024x1536`, or `auto`. Each model has sizes of its own.'),
    quality: z
      .enum(['auto', 'low', 'medium', 'high'])
      .nullish()
      .describe('The quality. A higher one uses more tokens.'),
    background: z.enum(['auto', 'transparent', 'opaque']).nullish().describe('The background of the images.'),
    output_format: z.enum(['png', 'jpeg', 'webp']).nullish().describe('The format of the images.'),
    output_compression: z
      .int()
      .min(0)
      .max(100)
      .nullish()
      .describe('The compression of a JPEG or WebP, in percent.'),
    moderation: z.enum(['auto', 'low']).nullish().describe("The provider's own moderation of the prompt."),
    response_format: z
      .literal('b64_json', 'Images are answered as b64_json: nothing is stored that a URL could lead to')
      .nullish()
      .describe('Always `b64_json`: images are not stored, so there is no URL.'),
    user: z
      .string()
      .max(512)
      .nullish()
      .describe('Your name for your end user. Sent to OpenAI and compatible servers.'),
    stream: z
      .literal(false, 'Images are not streamed')
      .nullish()
      .describe('Not supported: `false` or left out.'),
  })
  .meta({ id: 'ImagesRequest' });
export type ImagesRequest = z.infer<typeof imagesRequest>;

/** The most images that an edit starts from: OpenAI's limit. A body is limited too. */
const EDITED_IMAGES_MAX = 16;

const files = z.union([formFile, z.array(formFile).min(1).max(EDITED_IMAGES_MAX)]).optional();

const { model, prompt, size, quality, background, output_format, moderation, response_format, user } =
  imagesRequest.shape;

/** The form of a request that edits images. SDKs name one image `image`, and several `image[]`. */
export const imageEditsRequest = z
  .strictObject({
    ...{ model, prompt, size, quality, background, output_format, moderation, response_format, user },
    image: files.describe('The image to start from: a PNG, JPEG or WebP. Several are sent as `image[]`.'),
    'image[]': files.describe(`Up to ${EDITED_IMAGES_MAX} images to start from.`),
    mask: formFile
      .optional()
      .describe('A PNG whose transparent areas are to be changed. It applies to the first image.'),
    n: formNumber(z.int().min(1).max(IMAGES_MAX))
      .optional()
      .describe(`The number of images, at most ${IMAGES_MAX}. Defaults to 1.`),
    output_compression: formNumber(z.int().min(0).max(100))
      .optional()
      .describe('The compression of a JPEG or WebP, in percent.'),
    input_fidelity: z
      .enum(['low', 'high'])
      .optional()
      .describe('The fidelity to the input, where the model can choose. `high` uses more tokens.'),
    stream: z
      .literal('false', 'Images are not streamed')
      .optional()
      .describe('Not supported: `false` or left out.'),
  })
  .refine((form) => (form.image === undefined) !== (form['image[]'] === undefined), {
    path: ['image'],
    message: 'Send either image or image[]',
  })
  .meta({ id: 'ImageEditsRequest' });
export type ImageEditsRequest = z.infer<typeof imageEditsRequest>;

/** An image of an answer. */
export const generatedImage = z
  .object({
    b64_json: z.string().min(1).describe('The image, in base64.'),
    revised_prompt: z.string().optional().describe('The prompt as the provider has changed it.'),
  })
  .meta({ id: 'GeneratedImage' });
export type GeneratedImage = z.infer<typeof generatedImage>;

const count = z.int().min(0);

/** The answer to a request for images. */
export const imagesResponse = z
  .object({
    created: count.describe('The time of the request, in seconds since 1970.'),
    data: z.array(generatedImage).describe('The images.'),
    usage: z
      .object({
        input_tokens: count.describe('Tokens of the prompt.'),
        input_tokens_details: z
          .object({
            text_tokens: count.describe('Those of text.'),
            image_tokens: count.describe('Those of images.'),
          })
          .describe('The tokens of the prompt by kind.'),
        output_tokens: count.describe('Tokens of the images.'),
        total_tokens: count.describe('The sum of both.'),
      })
      .meta({ id: 'ImagesUsage' })
      .describe('The tokens that were charged.'),
  })
  .meta({ id: 'ImagesResponse' });
