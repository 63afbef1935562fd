import { ok } from '../../contracts/result.ts';
import type { Usage } from '../../contracts/usage.ts';
import { type Collected, type ResponseOf, refusedField, type Task } from '../../worker/executions/task.ts';
import type { TaskEvent, TaskStream } from '../../worker/providers/failover/task-stream.ts';

/** The skeleton of a task that is not a chat: it has no output tokens, and its stream is vectors. */

type Vector = { type: 'vector'; index: number; values: number[] };
type Vectors = Collected & { vectors: number[][] };
export type Embeddings = { piece: Vector; answer: Vectors; output: { vectors: number[][] } };

/** A provider's answer: its events, or a failure before the first. Called with the provider's model and the texts. */
export type Embed = (provider_model: string, texts: string[]) => TaskStream<Vector>;

/** Returns the events of vectors, one for each text, with the usage of the input. */
export async function* vectorsOf(
  vectors: number[][],
  usage: Usage | null,
): AsyncGenerator<TaskEvent<Vector>> {
  for (const [index, values] of vectors.entries()) yield { type: 'vector', index, values };
  yield { type: 'done', finish_reason: null, usage };
}

const textBytes = (texts: string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const BYTES_PER_NUMBER = 8;

/** Returns the task that embeds texts. */
export function embeddingTask(model: string, texts: string[], embed: Embed): Task<Embeddings> {
  return {
    kind: 'embeddings',
    model,
    outputLimit: () =>
      texts.length === 0 ? refusedField('input', 'too_small', 'Send at least one text') : ok(0),
    refusal: () => null,
    needsWholeHold: () => true,
    hidesOutput: () => false,
    tokensOf: () => 0,
    inputTold: () => null,
    output_tokens_min: 0,
    obstacle: () => null,
    inputTokensBound: () => textBytes(texts),
    countInputTokens: async () => null,
    is_bounded_by_window: false,
    input_media: [],
    estimateInputTokens: () => Math.ceil(textBytes(texts) / 4),
    estimateOutputTokens: () => 0,
    estimateReasoningTokens: () => 0,
    answerBytesMax: () => 1_000_000,
    call: async ({ provider_model }) => embed(provider_model, texts),
    pieces: {
      bytesOf: ({ values }) => values.length * BYTES_PER_NUMBER,
      isContent: () => true,
      merge: () => null,
    },
    empty: { vectors: [], finish_reason: null, usage: null },
    append(answer, event) {
      if (event.type === 'vector') return { ...answer, vectors: [...answer.vectors, event.values] };
      return event.type === 'done' ? { ...answer, usage: event.usage } : answer;
    },
    truncate: (answer) => answer,
    outputOf: ({ vectors }) => ({ vectors }),
    storage: null,
    parseResponse: (kept) => kept as ResponseOf<Embeddings>,
  };
}
