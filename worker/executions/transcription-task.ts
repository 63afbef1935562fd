import { finishedExecution } from '../../contracts/api/executions.ts';
import { ok } from '../../contracts/result.ts';
import { type Transcription as Transcribed, transcription } from '../../contracts/v1/transcriptions.ts';
import { estimateTokens } from '../providers/metering/token-estimate.ts';
import type { TranscriptionPiece, TranscriptionRequest } from '../providers/transcription/transcription.ts';
import { clientOf } from './candidate-client.ts';
import { inputOnly } from './input-only.ts';
import type { Collected, Task } from './task.ts';

type Text = Collected & { transcription: Transcribed };
/**
 * Audio that is written down. Its length is not known before, so the input is held by the context window of the model; the output limit is
 * held whole and not sent, since no provider takes one.
 */
export type Transcription = {
  piece: TranscriptionPiece;
  answer: Text;
  output: { transcription: Transcribed };
};

/** Adapters read no longer body (`BODY_BYTES_MAX` of providers/transport/guarded-fetch.ts). */
const ANSWER_BYTES_MAX = 16 * 1_024 * 1_024;

/** Speech of 32 kbit/s, and the tokens of a second: a minute at 0.006 USD is 1,000 tokens at 6 USD a million (gpt-4o-transcribe, November 2026). */
const BYTES_PER_SECOND = 4_000;
const TOKENS_PER_SECOND = 17;

const keptTranscription = finishedExecution.extend({ transcription });

/** Returns the task that writes audio down. */
export function transcriptionTask({ model, ...request }: TranscriptionRequest): Task<Transcription> {
  return {
    ...inputOnly,
    kind: 'transcription',
    model,
    outputLimit: (limits) => ok(Math.max(...limits)),
    // The hold is the whole limit, or there is none.
    output_tokens_min: Number.POSITIVE_INFINITY,
    obstacle: () => null,
    inputTokensBound: ({ context_window_tokens }) => context_window_tokens,
    is_bounded_by_window: true,
    input_classes: ['input_audio'],
    countInputTokens: async () => null,
    estimateInputTokens: () => Math.ceil(request.file.size / BYTES_PER_SECOND) * TOKENS_PER_SECOND,
    estimateOutputTokens: (answer) => estimateTokens(answer.transcription.text),
    answerBytesMax: () => ANSWER_BYTES_MAX,
    call(candidate, _max_output_tokens, { timeout_ms, ...patience }, signal) {
      const asked = { ...request, model: candidate.provider_model };
      return clientOf(candidate, timeout_ms).transcribe(asked, signal, patience);
    },
    pieces: {
      bytesOf: (piece) => JSON.stringify(piece.transcription).length,
      isContent: () => true,
      merge: () => null,
    },
    empty: { transcription: { text: '' }, finish_reason: null, usage: null },
    append(answer, event) {
      if (event.type === 'transcribed') return { ...answer, transcription: event.transcription };
      return event.type === 'done' ? { ...answer, usage: event.usage } : answer;
    },
    truncate: (answer) => answer,
    outputOf: (answer) => ({ transcription: answer.transcription }),
    parseResponse: (kept) => keptTranscription.parse(kept),
  };
}
