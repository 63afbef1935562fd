import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, registerSomebody } from '../support/demo.ts';
import type { Random } from '../support/random.ts';
import type { TestStack } from '../support/stack.ts';
import { type Call, type Outcome, outcomeOf } from './history.ts';

/** The hostname of the tenant whose users call. */
export const ACME = 'acme.localhost';
const FIRST_MARK = 64;
/** Longest wait before a client hangs up. Sometimes the answer comes first. */
const PATIENCE_MAX_MS = 200;

/** A client and the history of its calls. */
export type Caller = { client: Client; calls: Call[] };

/** Registers new users with unused wallets. */
export async function registerCallers(stack: TestStack, count: number): Promise<Caller[]> {
  const callers: Caller[] = [];
  for (let number = 0; number < count; number++)
    callers.push({ client: await registerSomebody(stack.port, ACME), calls: [] });
  return callers;
}

export type LoadOptions = {
  random: Random;
  /** Concurrent calls per user. */
  calls_at_once: number;
  /** Probability that a client hangs up at a random moment of its call. */
  hang_up: number;
};

async function ask(client: Client, mark: number, patienceMs: number | null): Promise<Outcome> {
  const signal = patienceMs === null ? undefined : AbortSignal.timeout(patienceMs);
  try {
    const body = { model: 'auto', prompt: 'Survive this.', max_output_tokens: mark };
    return outcomeOf(await client.post('/api/ai/executions', body, {}, signal));
  } catch (error) {
    return { outcome: 'unknown', why: signal?.aborted ? 'hung up' : String(error) };
  }
}

async function callOnce(caller: Caller, { random, hang_up }: LoadOptions): Promise<Call> {
  const patienceMs = random.chance(hang_up) ? random.integer(1, PATIENCE_MAX_MS) : null;
  // The place in the history is reserved first, so that no two calls have the same mark.
  const at = caller.calls.length;
  const mark = FIRST_MARK + at;
  caller.calls.push({ mark, outcome: 'unknown', why: 'underway' });
  const call = { mark, ...(await ask(caller.client, mark, patienceMs)) };
  caller.calls[at] = call;
  return call;
}

/** Calls without a pause until `stop`. Resolves when the last call has its answer. */
export async function load(callers: Caller[], options: LoadOptions, stop: AbortSignal): Promise<void> {
  const keepCalling = async (caller: Caller) => {
    while (!stop.aborted) {
      const call = await callOnce(caller, options);
      // While the server is down or the balance is spent, calls fail at once. The pause avoids a busy loop.
      if (call.outcome !== 'ok') await sleep(50);
    }
  };
  await Promise.all(
    callers.flatMap((caller) => Array.from({ length: options.calls_at_once }, () => keepCalling(caller))),
  );
}
