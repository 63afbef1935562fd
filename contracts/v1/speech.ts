import { z } from 'zod';

/** POST /v1/audio/speech as OpenAI's SDKs send it (developers.openai.com/api/reference/resources/audio/subresources/speech). */

/** The longest input, and the longest instructions, in characters: OpenAI's limit. */
const TEXT_MAX = 4_096;

/** The media types of the formats. */
export const speechTypes = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
} as const;
const formats = Object.keys(speechTypes) as [keyof typeof speechTypes, ...(keyof typeof speechTypes)[]];

const voiceName = z.string().min(1).max(100);

/** The body of a request for speech. */
export const speechRequest = z
  .strictObject({
    model: z.string().min(1).max(200).describe('The name of a speech model.'),
    input: z.string().min(1).max(TEXT_MAX).describe('The text to speak.'),
    voice: z
      .union([voiceName, z.strictObject({ id: voiceName.describe('The id of a voice of your own.') })])
      .describe("The provider's name of the voice, such as `alloy`."),
    instructions: z
      .string()
      .max(TEXT_MAX)
      .nullish()
      .describe('Instructions for the voice, where the model takes them.'),
    response_format: z.enum(formats).nullish().describe('The format of the audio. Defaults to `mp3`.'),
    speed: z.number().min(0.25).max(4).nullish().describe('The speed, from 0.25 to 4. Defaults to 1.'),
    stream_format: z
      .literal('audio', 'Speech is answered as audio, not as events')
      .nullish()
      .describe('Always `audio`.'),
  })
  .meta({ id: 'SpeechRequest' });
export type SpeechRequest = z.infer<typeof speechRequest>;
