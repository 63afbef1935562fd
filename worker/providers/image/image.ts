import type { GeneratedImage, ImagesRequest } from '../../../contracts/v1/images.ts';

/** The generation of images in the neutral form, which is OpenAI's without what our surface decides. */

/** Images to change, the mask of the first one, and how closely they are kept. */
export type EditedImages = {
  images: File[];
  mask?: File | undefined;
  input_fidelity?: 'low' | 'high' | undefined;
};

/** One request. `model` is the provider's name of the model. Absent fields are the provider's own choice. */
export type ImageRequest = {
  model: string;
  prompt: string;
  n: number;
  /** The images to start from; absent for images that are made of the prompt alone. */
  edited?: EditedImages | undefined;
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
