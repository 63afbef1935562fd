import { z } from 'zod';
import { finishedExecution } from '../../contracts/api/executions.ts';
import { ok } from '../../contracts/result.ts';
import type { SpeechPiece, SpeechRequest } from '../providers/speech/speech.ts';
import { charactersOf, speechTokensBound } from '../providers/speech/tokens.ts';
import { clientOf } from './candidate-client.ts';
import { inputOnly } from './input-only.ts';
import type { Collected, Task } from './task.ts';

type Audio = Collected & { audio: string };
/**
 * A text that is spoken. The audio has at most as many output tokens as the model's output limit, which is not sent: no provider takes one.
 * All of them are held from the start.
 */
export type Speech = { piece: SpeechPiece; answer: Audio; output: { audio: string } };

/** The base64 of the longest body that adapters read (`BODY_BYTES_MAX` of providers/transport/guarded-fetch.ts), and more. */
const ANSWER_BYTES_MAX = 32 * 1_024 * 1_024;

const keptSpeech = finishedExecution.extend({ audio: z.string() });

/** Returns the task that speaks a text. */
export function speechTask({ model, ...request }: SpeechRequest): Task<Speech> {
  return {
    ...inputOnly,
    kind: 'speech',
    model,
    outputLimit: (limits) => ok(Math.max(...limits)),
    // Speech cannot be made shorter for a balance: the hold is the whole limit, or there is none.
    output_tokens_min: Number.POSITIVE_INFINITY,
    obstacle: () => null,
    inputTokensBound: () => speechTokensBound(request),
    countInputTokens: async () => null,
    estimateInputTokens: () => charactersOf(request),
    // Audio that nobody counted is charged as the limit. A model that is paid by the character has no price for it.
    estimateOutputTokens: () => Number.MAX_SAFE_INTEGER,
    answerBytesMax: () => ANSWER_BYTES_MAX,
    call(candidate, _max_output_tokens, { timeout_ms, ...patience }, signal) {
      const asked = { ...request, model: candidate.provider_model };
      return clientOf(candidate, timeout_ms).speak(asked, signal, patience);
    },
    pieces: {
      bytesOf: ({ audio }) => audio.length,
      isContent: () => true,
      merge: () => null,
    },
    empty: { audio: '', finish_reason: null, usage: null },
    append(answer, event) {
      if (event.type === 'audio') return { ...answer, audio: event.audio };
      return event.type === 'done' ? { ...answer, usage: event.usage } : answer;
    },
    truncate: (answer) => answer,
    outputOf: ({ audio }) => ({ audio }),
    parseResponse: (kept) => keptSpeech.parse(kept),
  };
}
