import type { KeptInput } from '../../../contracts/execution-job.ts';
import type { ExecutionStart } from '../../../contracts/journal.ts';
import { chatTask } from '../chat-task.ts';

/** Returns the task of a stored execution. Chat is the one kind that runs in the background. */
export function restoreTask(
  { task = 'chat', model, max_output_tokens }: Pick<ExecutionStart, 'task' | 'model' | 'max_output_tokens'>,
  { chat }: KeptInput,
): ReturnType<typeof chatTask> {
  if (task !== 'chat') throw new Error(`A task of kind ${task} does not run in the background`);
  return chatTask({ model, max_output_tokens, chat });
}
