import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { endProcesses, listProcesses } from './processes.ts';

/**
 * Ends what a process has started when that process is gone, even by SIGKILL. A stack has process groups of its own, so that a
 * signal to ours does not reach it.
 */

/** In the environment of everything started by a process that called {@link endWithUs}; nested calls add theirs at the end. */
const MARKS = 'VANILLA_RUNS';
const END_TIMEOUT_MS = 10_000;

/** Ends every process with `mark`, and what those start meanwhile: SIGTERM first, so that stacks stop in order. */
export async function endMarked(mark: string): Promise<void> {
  for (;;) {
    const left = (await listProcesses()).filter(
      ({ pid, command }) => pid !== process.pid && command.includes(mark),
    );
    if (left.length === 0) return;
    await endProcesses(
      left.map(({ pid }) => pid),
      'SIGTERM',
      END_TIMEOUT_MS,
    );
  }
}

/**
 * Marks whatever this process starts from now on, and starts a shell that waits for this process to be gone and then ends all
 * that is marked. Returns the mark.
 */
export function endWithUs(): string {
  const mark = randomUUID();
  const { [MARKS]: outer = '', ...unmarked } = process.env;
  // Our end of its input closes however we end. A shell, since a Node that waits would take fifty megabytes.
  const watcher = spawn(
    'sh',
    ['-c', 'read -r _; exec "$@"', 'sh', process.execPath, fileURLToPath(import.meta.url), mark],
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: unmarked },
  );
  watcher.unref();
  (watcher.stdin as typeof watcher.stdin & { unref(): void }).unref();
  process.env[MARKS] = `${outer}/${mark}`;
  return mark;
}

const [, , mark] = process.argv;
if (import.meta.main && mark !== undefined) await endMarked(mark);
