import { z } from 'zod';
import { cacheControl, TEXT_MAX } from '../chat/chat-parts.ts';
import { unsupportedType } from '../unsupported.ts';
import { fileContentOf } from './document-data.ts';
import { fileReference } from './file-id.ts';
import { imageSourceOf } from './image-url.ts';
import { inputAudio } from './input-audio.ts';

/** The parts of messages in requests of POST /v1/chat/completions: text, images, files and audio. */

export const cache_control = cacheControl
  .nullish()
  .describe('Lets the provider cache the prompt up to here, where it offers that.');

export const textPart = z
  .looseObject({
    type: z.literal('text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
    cache_control,
  })
  .meta({ id: 'ChatCompletionTextPart' });

const imagePart = z
  .looseObject({
    type: z.literal('image_url').describe('An image.'),
    image_url: z
      .looseObject({
        url: z
          .string()
          .refine((url) => imageSourceOf(url) !== null, {
            message: 'An http or https URL, or a data URL of a PNG, JPEG, GIF or WebP in base64',
          })
          .describe('An http or https URL, or a data URL with a PNG, JPEG, GIF or WebP in base64.'),
        detail: z
          .enum(['auto', 'low', 'high'])
          .nullish()
          .describe('The level of detail. More detail uses more tokens.'),
      })
      .describe('The image.'),
    cache_control,
  })
  .meta({ id: 'ChatCompletionImagePart' });

const filePart = z
  .looseObject({
    type: z.literal('file').describe('A PDF or a text, or an uploaded file.'),
    file: z
      .looseObject({
        file_data: z
          .string()
          .refine((data) => fileContentOf(data) !== null, {
            message: 'A data URL of a PDF or a text in base64, or an https URL',
          })
          .nullish()
          .describe(
            'A data URL with a PDF or a text in base64, or an https URL of a PDF, which only Anthropic fetches. With a PDF the hold covers the whole context window of the model.',
          ),
        file_id: fileReference
          .nullish()
          .describe('The id of an uploaded file: a PDF, a text, an image or a recording.'),
        filename: z.string().max(500).nullish().describe('The name of the file.'),
      })
      .refine(({ file_data, file_id }) => (file_data == null) !== (file_id == null), {
        path: ['file_data'],
        message: 'Exactly one of file_data and file_id',
      })
      .describe('The file: its bytes, or its id.'),
    cache_control,
  })
  .meta({ id: 'ChatCompletionFilePart' });

const audioPart = z
  .looseObject({
    type: z.literal('input_audio').describe('A recording.'),
    input_audio: inputAudio.describe('The recording. The hold covers the whole context window of the model.'),
    cache_control,
  })
  .meta({ id: 'ChatCompletionAudioPart' });

export const contentPart = z.discriminatedUnion(
  'type',
  [textPart, imagePart, filePart, audioPart],
  unsupportedType('Parts'),
);
