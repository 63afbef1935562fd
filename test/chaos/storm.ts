import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import type { TestStack } from '../support/stack.ts';
import type { Fault } from './faults.ts';
import { load, registerCallers } from './load.ts';
import { judge, type Verdict } from './verdict.ts';

const CALLERS = 3;
const CALLS_AT_ONCE = 3;

export type StormOptions = {
  random: Random;
  /** Faults in order, each healed before the next. */
  faults: Fault[];
  /** Duration of each fault, and of the time without a fault around it. */
  fault_ms: number;
  calm_ms: number;
  hang_up: number;
};

/** Lets new users call during the faults, heals everything, and returns the verdict. */
export async function weather(stack: TestStack, options: StormOptions): Promise<Verdict> {
  const { random, faults, fault_ms, calm_ms, hang_up } = options;
  const callers = await registerCallers(stack, CALLERS);
  const stop = new AbortController();
  const loaded = load(callers, { random, calls_at_once: CALLS_AT_ONCE, hang_up }, stop.signal);
  for (const fault of faults) {
    await sleep(calm_ms);
    await fault.inject(stack);
    await sleep(fault_ms);
    await fault.heal(stack);
  }
  await sleep(calm_ms);
  stop.abort();
  const healedAtMs = Date.now();
  await loaded;
  return judge(stack, callers, healedAtMs);
}
