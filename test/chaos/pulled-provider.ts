import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { CreateExecutionResponse } from '../../contracts/api/executions.ts';
import type { AttemptReceipt, FailureKind } from '../../contracts/usage.ts';
import {
  ACME,
  add,
  type governAcme,
  MODELS,
  modelOf,
  named,
  PROVIDERS,
  priceOf,
} from '../support/catalog.ts';
import {
  asOwner,
  type Client,
  eventually,
  faultsOf,
  ledgerOf,
  registerSomebody,
  setBalance,
} from '../support/demo.ts';
import { openDoor } from '../support/provider-door.ts';
import { setFault } from '../support/simulators.ts';
import type { TestStack } from '../support/stack.ts';
import { streamRun } from '../support/streams.ts';

/** Load on a model with two providers, while the first provider goes down and comes back. */

const CALLERS = 4;
/** Pause between two calls of one caller, so that the load is steady and the machine is not the bottleneck. */
const PAUSE_MS = 40;
/** Time that a provider has to begin its answer before the next one is tried. */
export const SILENCE_MAX_MS = 30_000;

/** The fault of the provider: taken off the network, or one of the simulators' modes (docs/simulators.md). */
export type Pull = 'refuses connections' | 'is torn down' | 'overloaded' | 'reset_before' | 'hang';

type Pulled = {
  model: string;
  first: string;
  second: string;
  pull(): Promise<void>;
  restore(): Promise<void>;
  /** Closes the provider's address. Call it after the last call has ended. */
  close(): void;
};

/** Adds a model at two providers of its own, so that its fault and its breaker affect no other test. The first can be pulled. */
async function setUp(
  stack: TestStack,
  acme: Awaited<ReturnType<typeof governAcme>>,
  how: Pull,
): Promise<Pulled> {
  const door = await openDoor(stack.simulatorOrigin);
  const public_name = named('pulled');
  const [key, standby] = [`sk-${crypto.randomUUID()}`, `sk-${crypto.randomUUID()}`];
  const addProvider = async (kind: string, base_url: string, api_key: string, priority: number) => {
    const settings = { first_byte_timeout_ms: SILENCE_MAX_MS };
    const provider = await add(acme.admin, PROVIDERS, { ...acme.good(), kind, base_url, api_key, settings });
    const model = await add(acme.admin, MODELS, modelOf(provider.id, { public_name, priority }));
    await add(acme.admin, `${MODELS}/${model.id}/prices`, priceOf(4_000));
    return provider.name;
  };
  const first = await addProvider('openai', `${door.origin}/openai/v1`, key, 0);
  const second = await addProvider('anthropic', `${stack.simulatorOrigin}/anthropic`, standby, 1);
  const fault = (mode: string, more = {}) =>
    setFault(stack.simulatorOrigin, 'openai', mode, { ...more, key });
  const names = { model: public_name, first, second, close: door.tearDown };
  if (how === 'refuses connections') return { ...names, pull: async () => door.shut(), restore: door.open };
  // Slow streams, so that some are in progress.
  if (how === 'is torn down') await fault('slow', { delay_ms: 20 });
  if (how === 'is torn down') return { ...names, pull: async () => door.tearDown(), restore: door.open };
  return { ...names, pull: () => fault(how), restore: () => fault('none') };
}

/** One call as its user saw it. `problem` is null if it was answered. */
export type Call = {
  started_ms: number;
  latency_ms: number;
  stream: boolean;
  problem: string | null;
  execution: CreateExecutionResponse | null;
};

/** Requests a stream, or an answer in one piece. Returns its status and its last event or body. */
async function ask(stack: TestStack, client: Client, model: string, stream: boolean) {
  const body = { model, prompt: 'Go on.', max_output_tokens: 60 };
  if (!stream) {
    const answer = await client.post('/api/ai/executions', body);
    return {
      status: answer.status,
      last: answer.body,
      execution: answer.status === 201 ? answer.body : null,
    };
  }
  const answer = await streamRun({ port: stack.port, host: ACME, token: client.token }, body);
  const last = answer.events.at(-1);
  const execution = last?.type === 'execution' ? last.execution : null;
  return { status: answer.status, last: last ?? answer.body, execution };
}

async function callOnce(stack: TestStack, client: Client, model: string, stream: boolean): Promise<Call> {
  const started_ms = performance.now();
  const { status, last, execution } = await ask(stack, client, model, stream);
  const latency_ms = performance.now() - started_ms;
  const problem = execution === null ? JSON.stringify([status, last]) : null;
  return { started_ms, latency_ms, stream, problem, execution };
}

/** The execution according to the ledger. */
type Receipt = { id: string; status: string; tokens_charged: number; attempts: AttemptReceipt[] };

async function receiptsOf(
  stack: TestStack,
  client: Client,
): Promise<{ receipts: Receipt[]; faults: string[] }> {
  const { seq, reserved } = await eventually(
    async () => (await client.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );
  const ledger = await eventually(
    () => ledgerOf(stack.ownerUrl, client),
    (found) => found.length === seq,
    60_000,
  );
  const rows = await asOwner<Omit<Receipt, 'tokens_charged'> & { tokens_charged: string }>(
    stack.ownerUrl,
    'select id, status, tokens_charged, attempts from ai_executions where tenant_id = $1 and user_id = $2',
    [client.tenantId, client.userId],
  );
  const receipts = rows.map((row) => ({ ...row, tokens_charged: Number(row.tokens_charged) }));
  const charged = (kind: string) => ledger.filter((row) => row.kind === kind).length;
  const faults = [
    ...faultsOf(ledger, client),
    ...(reserved === 0 ? [] : [`${reserved} tokens are still held`]),
    ...(charged('debit') + charged('release') === charged('reserve') ? [] : ['not every hold ended once']),
  ];
  return { receipts, faults };
}

export type Verdict = {
  names: Pick<Pulled, 'first' | 'second'>;
  /** Calls that began and ended before the fault; likewise during and after it. */
  before: Call[];
  during: Call[];
  after: Call[];
  /** All calls, including those in progress when the fault began or ended. */
  all: Call[];
  receipts: Map<string, Receipt>;
  faults: string[];
};

export type PullOptions = { how: Pull; before_ms: number; during_ms: number; after_ms: number };

/** Keeps users calling, half of them for streams, while the first provider goes down and comes back. Then reads the receipts. */
export async function pullProvider(
  stack: TestStack,
  acme: Awaited<ReturnType<typeof governAcme>>,
  { how, before_ms, during_ms, after_ms }: PullOptions,
): Promise<Verdict> {
  const pulled = await setUp(stack, acme, how);
  const client = await registerSomebody(stack.port, ACME);
  await setBalance(acme.admin, client, 100_000_000);
  const all: Call[] = [];
  const stop = new AbortController();
  const callOn = async (_: unknown, caller: number) => {
    while (!stop.signal.aborted) {
      all.push(await callOnce(stack, client, pulled.model, caller % 2 === 0));
      await sleep(PAUSE_MS);
    }
  };
  const calling = Promise.all(Array.from({ length: CALLERS }, callOn));
  await sleep(before_ms);
  const pullMs = performance.now();
  await pulled.pull();
  const pulledMs = performance.now();
  await sleep(during_ms);
  const restoreMs = performance.now();
  await pulled.restore();
  const restoredMs = performance.now();
  await sleep(after_ms);
  stop.abort();
  await calling;
  pulled.close();
  const within = (fromMs: number, toMs: number) =>
    all.filter(({ started_ms, latency_ms }) => started_ms >= fromMs && started_ms + latency_ms < toMs);
  const { receipts, faults } = await receiptsOf(stack, client);
  return {
    names: pulled,
    before: within(0, pullMs),
    during: within(pulledMs, restoreMs),
    after: within(restoredMs, Number.POSITIVE_INFINITY),
    all,
    receipts: new Map(receipts.map((receipt) => [receipt.id, receipt])),
    faults,
  };
}

export const told = (calls: Call[]): CreateExecutionResponse[] =>
  calls.flatMap(({ execution }) => execution ?? []);

/** Expects one execution for each call, settled once for the amount that its user was told. An unanswered call cost nothing. */
export function expectSoundBooks({ all, receipts, faults }: Verdict): void {
  expect(faults).toEqual([]);
  expect(receipts.size).toBe(all.length);
  const answered = new Set<string>();
  for (const { id, tokens_charged, attempts } of told(all)) {
    answered.add(id);
    expect(receipts.get(id)).toMatchObject({ status: 'succeeded', tokens_charged, attempts });
  }
  expect(answered.size).toBe(told(all).length);
  for (const receipt of receipts.values())
    if (!answered.has(receipt.id)) expect(receipt).toMatchObject({ status: 'failed', tokens_charged: 0 });
}

/** Expects that calls failed over to the other provider, that the breaker opened, and that the provider was used again after the fault. */
export function expectFailover({ names, before, during, after, all }: Verdict, kind: FailureKind): void {
  for (const { attempts } of told(before))
    expect(attempts).toMatchObject([{ provider_name: names.first, failure: null }]);
  const tried = told(all).filter(({ attempts }) => attempts.length > 1);
  expect(tried.length, 'it was missed').toBeGreaterThan(0);
  for (const { attempts } of tried)
    expect(attempts).toMatchObject([
      { provider_name: names.first, failure: { kind, retryable: true } },
      { provider_name: names.second, failure: null },
    ]);
  const spared = told(during).filter(({ attempts }) => attempts.length === 1);
  expect(spared.length, 'its breaker opened').toBeGreaterThan(tried.length);
  for (const { provider } of spared) expect(provider?.name).toBe(names.second);
  expect(told(after).at(-1)?.attempts, 'it is back').toMatchObject([{ provider_name: names.first }]);
}

const latency = (calls: Call[], part: number) => {
  const sorted = calls.map(({ latency_ms }) => latency_ms).sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
};

/** Returns a verdict on one line, for the log. */
export function summaryOf({ before, during, after, all }: Verdict): string {
  const phase = (name: string, calls: Call[]) =>
    `${name} ${calls.length} calls p50 ${latency(calls, 0.5)} ms p99 ${latency(calls, 0.99)} ms`;
  const failed = all.filter(({ problem }) => problem !== null).length;
  return `${failed} of ${all.length} failed; ${phase('before', before)}; ${phase('during', during)}; ${phase('after', after)}`;
}
