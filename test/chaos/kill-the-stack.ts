import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { load, registerCallers } from './load.ts';
import { judge, prepare, type Verdict } from './verdict.ts';

/** The process to kill: every process of the stack, like a power cut, or workerd alone with its queues. */
const victims = ['kill9', 'killWorker'] as const;

const CALLERS = 3;
const CALLS_AT_ONCE = 4;

export type KillOptions = {
  kills: number;
  random: Random;
  /** Duration of the load before each kill. */
  load_ms: { min: number; max: number };
  /** Called after each kill. */
  onKill?: (kill: number) => void;
};

/**
 * Kills the stack `kills` times under load and starts it again on the same data each time. Then waits until it is at rest, and
 * compares the answers that clients got with the wallets and Postgres.
 */
export async function killUnderLoad({ kills, random, load_ms, onKill }: KillOptions): Promise<Verdict> {
  let stack: TestStack = await startTestStack();
  try {
    await prepare(stack);
    const callers = await registerCallers(stack, CALLERS);
    const { port, dataFolder } = stack;
    for (let kill = 0; kill < kills; kill++) {
      const stop = new AbortController();
      const loaded = load(callers, { random, calls_at_once: CALLS_AT_ONCE, hang_up: 0 }, stop.signal);
      await sleep(random.integer(load_ms.min, load_ms.max));
      await stack[victims[kill % victims.length] ?? 'kill9']();
      stop.abort();
      await loaded;
      stack = await startTestStack({ dataFolder, port });
      onKill?.(kill + 1);
    }
    return await judge(stack, callers, Date.now());
  } finally {
    await stack.stop();
  }
}
