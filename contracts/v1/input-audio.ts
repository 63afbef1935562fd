import { z } from 'zod';
import { type AudioSource, audioData } from '../chat/chat-parts.ts';

/** The audio of OpenAI's requests: the bytes, and the name of their format. */

const mediaTypes = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
  aiff: 'audio/aiff',
} as const satisfies Record<string, AudioSource['media_type']>;

type AudioFormat = keyof typeof mediaTypes;
const formats = Object.keys(mediaTypes) as [AudioFormat, ...AudioFormat[]];

export const inputAudio = z
  .looseObject({
    data: audioData,
    format: z
      .enum(formats)
      .describe('The format. OpenAI takes `wav` and `mp3`; Google and some compatible servers take all.'),
  })
  .meta({ id: 'InputAudio' });
type InputAudio = z.infer<typeof inputAudio>;

/** Converts the audio of a request. Pure. */
export const audioSourceOf = ({ data, format }: Pick<InputAudio, 'data' | 'format'>): AudioSource => ({
  kind: 'base64',
  media_type: mediaTypes[format],
  data,
});

/** Returns the name of a format. Pure. */
export const audioFormatOf = ({ media_type }: { media_type: string }): AudioFormat =>
  formats.find((format) => mediaTypes[format] === media_type) ?? 'wav';
