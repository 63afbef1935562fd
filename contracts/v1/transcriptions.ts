import { z } from 'zod';
import { formFile, formNumber } from './form-fields.ts';

/** POST /v1/audio/transcriptions as OpenAI's SDKs send it (developers.openai.com/api/reference/resources/audio/subresources/transcriptions). */

const FORMAT_RULE = 'json, text or verbose_json: other formats do not tell what they cost';

/** The form of a request for a transcription. */
export const transcriptionsRequest = z
  .strictObject({
    file: formFile.describe('The audio: flac, mp3, mp4, m4a, ogg, wav or webm.'),
    model: z.string().min(1).max(200).describe('The name of a transcription model.'),
    language: z.string().min(2).max(20).optional().describe('The language of the audio, such as `en`.'),
    prompt: z.string().max(8_192).optional().describe('A text that the audio follows on, or its style.'),
    response_format: z
      .enum(['json', 'text', 'verbose_json'], FORMAT_RULE)
      .optional()
      .describe(
        'The format of the answer. Defaults to `json`. `verbose_json` adds what the model tells of each segment.',
      ),
    temperature: formNumber(z.number().min(0).max(1)).optional().describe('The randomness, from 0 to 1.'),
    'timestamp_granularities[]': z
      .union([
        z.enum(['word', 'segment']),
        z
          .array(z.enum(['word', 'segment']))
          .min(1)
          .max(2),
      ])
      .optional()
      .describe('The parts whose times are told, with `verbose_json`.'),
    stream: z
      .literal('false', 'Transcriptions are not streamed')
      .optional()
      .describe('Not supported: `false` or left out.'),
  })
  .meta({ id: 'TranscriptionsRequest' });
export type TranscriptionsRequest = z.infer<typeof transcriptionsRequest>;

/** The answer to a request for a transcription, with everything that the provider tells beside the text. */
export const transcription = z
  .looseObject({ text: z.string().describe('The text of the audio.') })
  .meta({ id: 'Transcription' });
export type Transcription = z.infer<typeof transcription>;
