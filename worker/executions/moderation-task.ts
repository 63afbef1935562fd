import { z } from 'zod';
import { finishedExecution } from '../../contracts/api/executions.ts';
import { type ModerationResult, moderationResult } from '../../contracts/v1/moderations.ts';
import type { ModerationPiece, ModerationRequest } from '../providers/moderation/moderation.ts';
import { estimateModerationTokens, moderationTokensBound } from '../providers/moderation/tokens.ts';
import { clientOf } from './candidate-client.ts';
import { inputOnly } from './input-only.ts';
import type { Collected, Task } from './task.ts';

type Judged = Collected & { results: ModerationResult[] };
/** Texts and images that are judged. Only the input is held and charged; providers report no usage. */
export type Moderation = {
  piece: ModerationPiece;
  answer: Judged;
  output: { results: ModerationResult[] };
};

/** Adapters read no longer body (`BODY_BYTES_MAX` of providers/transport/guarded-fetch.ts). */
const ANSWER_BYTES_MAX = 16 * 1_024 * 1_024;

const keptModeration = finishedExecution.extend({ results: z.array(moderationResult) });

/** Returns the task that judges an input. */
export function moderationTask({ model, input }: ModerationRequest): Task<Moderation> {
  return {
    ...inputOnly,
    kind: 'moderation',
    model,
    obstacle: () => null,
    inputTokensBound: () => moderationTokensBound(input),
    countInputTokens: async () => estimateModerationTokens(input),
    estimateInputTokens: () => estimateModerationTokens(input),
    answerBytesMax: () => ANSWER_BYTES_MAX,
    call: (candidate, _max_output_tokens, { timeout_ms, ...patience }, signal) =>
      clientOf(candidate, timeout_ms).moderate({ model: candidate.provider_model, input }, signal, patience),
    pieces: {
      bytesOf: ({ results }) => JSON.stringify(results).length,
      isContent: () => true,
      merge: () => null,
    },
    empty: { results: [], finish_reason: null, usage: null },
    append(answer, event) {
      if (event.type === 'judged') return { ...answer, results: event.results };
      return event.type === 'done' ? { ...answer, usage: event.usage } : answer;
    },
    truncate: (answer) => answer,
    outputOf: ({ results }) => ({ results }),
    parseResponse: (kept) => keptModeration.parse(kept),
  };
}
