import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcesses, listProcesses } from '../../dev/processes.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

/** Another gateway, running. */
export type PeerProcess = { pids: number[]; stop(): Promise<void> };

async function waitUntilAnswering(child: ChildProcess, port: number, path: string, output: () => string) {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const isUp = await fetch(`http://127.0.0.1:${port}${path}`).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (child.exitCode !== null || performance.now() > deadlineMs)
      throw new Error(`A peer did not start: ${child.spawnargs.join(' ')}\n${output().slice(-2_000)}`);
    await sleep(200);
  }
}

/** Starts a gateway and waits until it answers HTTP. Its processes are found by `mark`, a variable of their environment. */
export async function startPeer(
  command: string,
  args: string[],
  { port, path, mark, env }: { port: number; path: string; mark: string; env: Record<string, string> },
): Promise<PeerProcess> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, VANILLA_BENCH_PEER: mark },
  });
  child.on('error', () => undefined);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output = (output + text).slice(-10_000);
    });
  const findPids = async () =>
    (await listProcesses())
      .filter(({ command: line }) => line.includes(` VANILLA_BENCH_PEER=${mark} `))
      .map(({ pid }) => pid);
  const stop = async () => {
    await endProcesses(await findPids(), 'SIGTERM', STOP_TIMEOUT_MS);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  try {
    await waitUntilAnswering(child, port, path, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pids: await findPids(), stop };
}
