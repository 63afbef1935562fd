import type { SpeechRequest as AskedSpeech } from '../../../contracts/v1/speech.ts';

/** Speech in the neutral form, which is OpenAI's without what our surface decides. */

/** One request. `model` is the provider's name of the model. Absent fields are the provider's own choice. */
export type SpeechRequest = Pick<AskedSpeech, 'model' | 'input' | 'voice'> & {
  instructions?: string | undefined;
  response_format: NonNullable<AskedSpeech['response_format']>;
  speed?: number | undefined;
};

/** The only piece of a speech's stream: all of the audio, in base64. */
export type SpeechPiece = { type: 'audio'; audio: string };
