import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listProcesses, signalProcess } from '../../dev/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const STARTED_MAX_MS = 180_000;
/** Stopping in order takes seconds; whatever does not stop is killed after ten, twice if it starts something meanwhile. */
const GONE_MAX_MS = 45_000;

type Run = {
  child: ChildProcess;
  printed: () => string;
  alive(): Promise<{ pid: number; command: string }[]>;
};

/** Runs the tests of some files as `npm test` does, in a process group of its own, as a shell would. */
function startRun(files: string): Run {
  const mark = randomUUID();
  const child = spawn(process.execPath, ['dev/bootstrap.mjs', 'node', 'dev/test.ts', files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, RUN_UNDER_TEST: mark },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  const alive = async () => (await listProcesses()).filter(({ command }) => command.includes(mark));
  return { child, printed: () => text, alive };
}

const commandsOf = async (run: Run) => (await run.alive()).map(({ command }) => command);
/** True for the process that ends what a run left behind, and is about to end itself. */
const isWatcher = (command: string) => command.includes('/dev/end-with-us.ts ');

/** Waits until a process of the run has each of `parts` in its command line. */
async function untilRunning(run: Run, parts: string[]): Promise<void> {
  const missing = async () => {
    if (run.child.exitCode !== null) throw new Error(`The run is over:\n${run.printed()}`);
    const commands = await commandsOf(run);
    return parts.filter((part) => !commands.some((command) => command.includes(part)));
  };
  await expect.poll(missing, { timeout: STARTED_MAX_MS, interval: 100 }).toEqual([]);
}

const untilNothingIsLeft = (run: Run) =>
  expect.poll(() => commandsOf(run), { timeout: GONE_MAX_MS, interval: 200 }).toEqual([]);

describe('a test run leaves nothing running', () => {
  it('when Ctrl-C interrupts it with a stack and a browser open', async () => {
    const run = startRun('test/browser/reference.test.ts');
    await untilRunning(run, ['bin/postgres ', 'bin/workerd ', 'dev/start.ts ', '--remote-debugging-pipe ']);
    const exited = once(run.child, 'exit');
    signalProcess(-(run.child.pid ?? 0), 'SIGINT');
    await exited;
    const left = (await commandsOf(run)).filter((command) => !isWatcher(command));
    expect(left, 'ends only when all it started has ended').toEqual([]);
    await untilNothingIsLeft(run);
  });

  it('when it is killed in the middle', async () => {
    const run = startRun('test/workers/wallet-repair.test.ts');
    await untilRunning(run, ['bin/postgres ', 'bin/workerd ']);
    const runners = (await run.alive()).filter(({ command }) => command.startsWith('node dev/test.ts '));
    expect(runners).toHaveLength(1);
    for (const { pid } of runners) signalProcess(pid, 'SIGKILL');
    await untilNothingIsLeft(run);
  });
});
