import { z } from 'zod';
import { finishedExecution } from '../../contracts/api/executions.ts';
import { usage } from '../../contracts/usage.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import type { EmbeddingRequest, Vector, VectorPiece } from '../providers/embedding/embedding.ts';
import {
  countEmbeddingTokens,
  embeddingTokensBound,
  estimateEmbeddingTokens,
} from '../providers/embedding/tokens.ts';
import type { PieceRules } from '../providers/failover/task-stream.ts';
import { kindModules } from '../providers/registry.ts';
import { clientOf } from './candidate-client.ts';
import { inputOnly } from './input-only.ts';
import type { Collected, Task } from './task.ts';

/** The vectors so far, in the order of the input. */
type Vectors = Collected & { vectors: Vector[] };
/** Texts that are embedded: a stream of vectors, and no output tokens. Only the input is held and charged. */
export type Embedding = { piece: VectorPiece; answer: Vectors; output: { vectors: Vector[] } };

const vectorPieces: PieceRules<VectorPiece> = {
  bytesOf: ({ vector }) => vector.length,
  isContent: () => true,
  merge: () => null,
};

/** More than adapters read of vectors (`NUMBERS_MAX` of providers/embedding/embedding.ts), whose base64 is 43 MiB. */
const ANSWER_BYTES_MAX = 64 * 1_024 * 1_024;

const cachedVectors = z.object({
  vectors: z.array(z.string()).min(1),
  finish_reason: z.null(),
  usage: usage,
});

const keptEmbedding = finishedExecution.extend({ vectors: z.array(z.string()) });

/** Returns the reason why a candidate cannot embed the input, or null. */
function obstacleOf(
  { input }: Omit<EmbeddingRequest, 'model'>,
  { provider, context_window_tokens }: ReadyCandidate,
): string | null {
  const unsupported = kindModules[provider.kind].unsupportedEmbedding?.(input) ?? null;
  if (unsupported !== null || input.of === 'texts') return unsupported;
  const longest = Math.max(...input.items.map(({ length }) => length));
  return longest > context_window_tokens
    ? `This model takes at most ${context_window_tokens} tokens in one item of the input`
    : null;
}

/** Returns the task that embeds texts. */
export function embeddingTask({ model, ...request }: EmbeddingRequest): Task<Embedding> {
  const { input } = request;
  return {
    ...inputOnly,
    kind: 'embedding',
    model,
    obstacle: (candidate) => obstacleOf(request, candidate),
    inputTokensBound: () => embeddingTokensBound(input),
    countInputTokens: () => countEmbeddingTokens(input),
    estimateInputTokens: () => estimateEmbeddingTokens(input),
    answerBytesMax: () => ANSWER_BYTES_MAX,
    call(candidate, _max_output_tokens, { timeout_ms, ...patience }, signal) {
      const asked = { ...request, model: candidate.provider_model };
      return clientOf(candidate, timeout_ms).embed(asked, signal, patience);
    },
    pieces: vectorPieces,
    empty: { vectors: [], finish_reason: null, usage: null },
    append(answer, event) {
      if (event.type === 'vector') return { ...answer, vectors: [...answer.vectors, event.vector] };
      return event.type === 'done' ? { ...answer, usage: event.usage } : answer;
    },
    truncate: (answer) => answer,
    outputOf: ({ vectors }) => ({ vectors }),
    cache: {
      input: request,
      isWhole: () => true,
      parse: (kept) => cachedVectors.safeParse(kept).data ?? null,
      eventsOf: ({ vectors, finish_reason, usage }) => [
        ...vectors.map((vector): VectorPiece => ({ type: 'vector', vector })),
        { type: 'done', finish_reason, usage },
      ],
    },
    parseResponse: (kept) => keptEmbedding.parse(kept),
  };
}
