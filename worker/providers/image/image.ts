import type { GeneratedImage, ImagesRequest } from '../../../contracts/v1/images.ts';

/** The generation of images in the neutral form, which is OpenAI's without what our surface decides. */

/** One request. `model` is the provider's name of the model. Absent fields are the provider's own choice. */
export type ImageRequest = {
  model: string;
  prompt: string;
  n: number;
} & {
  [Field in
    | 'size'
    | 'quality'
    | 'background'
    | 'output_format'
    | 'output_compression'
    | 'moderation'
    | 'user']?: NonNullable<ImagesRequest[Field]> | undefined;
};

/** The only piece of an image's stream: all images. */
export type ImagePiece = { type: 'images'; images: GeneratedImage[] };
