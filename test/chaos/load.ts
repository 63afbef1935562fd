import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, registerSomebody } from '../support/demo.ts';
import type { Random } from '../support/random.ts';
import type { TestStack } from '../support/stack.ts';
import { type Call, type Outcome, outcomeOf } from './history.ts';

/** The tenant whose users suffer. */
export const ACME = 'acme.localhost';
const FIRST_MARK = 64;
/** Most a client that hangs up waits before it does: sometimes longer than an answer takes. */
const PATIENCE_MAX_MS = 200;

/** Somebody who keeps a history of everything they asked for. */
export type Caller = { client: Client; calls: Call[] };

/** New users with untouched wallets. */
export async function registerCallers(stack: TestStack, count: number): Promise<Caller[]> {
  const callers: Caller[] = [];
  for (let number = 0; number < count; number++)
    callers.push({ client: await registerSomebody(stack.port, ACME), calls: [] });
  return callers;
}

export type LoadOptions = {
  random: Random;
  /** Calls each user makes at once. */
  calls_at_once: number;
  /** How probable it is that a client hangs up at a random moment of its call. */
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
  // The place in the history is taken first: no two calls have the same mark.
  const at = caller.calls.length;
  const mark = FIRST_MARK + at;
  caller.calls.push({ mark, outcome: 'unknown', why: 'underway' });
  const call = { mark, ...(await ask(caller.client, mark, patienceMs)) };
  caller.calls[at] = call;
  return call;
}

/** Calls without a pause until told to stop, and until the last call has its answer. */
export async function load(callers: Caller[], options: LoadOptions, stop: AbortSignal): Promise<void> {
  const keepCalling = async (caller: Caller) => {
    while (!stop.aborted) {
      const call = await callOnce(caller, options);
      // With the server gone, or the balance spent, every call fails at once: no need to spin.
      if (call.outcome !== 'ok') await sleep(50);
    }
  };
  await Promise.all(
    callers.flatMap((caller) => Array.from({ length: options.calls_at_once }, () => keepCalling(caller))),
  );
}
