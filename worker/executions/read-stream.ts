import { isDone, isFailed, type TaskEvent } from '../providers/failover/task-stream.ts';
import type { ProviderFailure } from '../providers/provider.ts';
import type { Plan } from './plan.ts';
import type { TaskTypes } from './task.ts';

/**
 * Everything that a stream said, and how its reading ended. `done`: the answer is whole. `failed`: the provider failed. `too_long`:
 * the answer passed the most bytes that its output limit can hold. `stopped`: the reader stopped.
 */
type StreamRead<Answer> = {
  answer: Answer;
  output_bytes: number;
  /** The time of the first piece of the answer itself, in epoch milliseconds; null if there was none. Reasoning is none. */
  content_began_at_ms: number | null;
} & ({ end: 'done' | 'too_long' | 'stopped' } | { end: 'failed'; failure: ProviderFailure });

/**
 * Reads a stream to its end and collects its answer. `onPiece` receives each piece and can stop the reading. Pieces that the task withholds
 * only count towards the size of the answer.
 */
export async function readStream<T extends TaskTypes>(
  { task, max_output_tokens }: Pick<Plan<T>, 'task' | 'max_output_tokens'>,
  events: AsyncIterable<TaskEvent<T['piece']>>,
  onPiece: (piece: T['piece']) => Promise<'go_on' | 'stop'> = async () => 'go_on',
): Promise<StreamRead<T['answer']>> {
  const bytes_max = task.answerBytesMax(max_output_tokens);
  let answer = task.empty;
  let output_bytes = 0;
  let content_began_at_ms: number | null = null;
  for await (const event of events) {
    const isWithheld = !isDone(event) && !isFailed(event) && task.withholds?.(event) === true;
    if (!isWithheld) answer = task.append(answer, event);
    if (isDone(event)) return { answer, output_bytes, content_began_at_ms, end: 'done' };
    if (isFailed(event))
      return { answer, output_bytes, content_began_at_ms, end: 'failed', failure: event.failure };
    if (content_began_at_ms === null && task.pieces.isContent(event)) content_began_at_ms = Date.now();
    output_bytes += task.pieces.bytesOf(event);
    if (!isWithheld && (await onPiece(event)) === 'stop')
      return { answer, output_bytes, content_began_at_ms, end: 'stopped' };
    if (output_bytes > bytes_max) return { answer, output_bytes, content_began_at_ms, end: 'too_long' };
  }
  throw new Error('A stream ended without a terminal event');
}
