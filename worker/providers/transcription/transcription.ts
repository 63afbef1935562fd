import type { Transcription, TranscriptionsRequest } from '../../../contracts/v1/transcriptions.ts';

/** Transcriptions in the neutral form, which is OpenAI's without what our surface decides. */

/** One request. `model` is the provider's name of the model. */
export type TranscriptionRequest = Pick<
  TranscriptionsRequest,
  'model' | 'file' | 'language' | 'prompt' | 'temperature'
> & {
  /** True for the model's own account of segments, words and times. */
  is_verbose: boolean;
  granularities: ('word' | 'segment')[];
};

/** The only piece of a transcription's stream: the text, and everything beside it. */
export type TranscriptionPiece = { type: 'transcribed'; transcription: Transcription };
