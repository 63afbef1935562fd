import { expect } from 'vitest';
import { answerTo } from '../../dev/simulators/answer.ts';
import {
  asOwner,
  type Client,
  eventually,
  faultsOf,
  ledgerOf,
  registerSomebody,
  setBalance,
  signIn,
} from './demo.ts';
import { hostFetch } from './host-fetch.ts';
import type { Random } from './random.ts';
import type { TestStack } from './stack.ts';
import { type Surface, saidIn, surfaces } from './surfaces.ts';

type Stack = Pick<TestStack, 'port' | 'ownerUrl'>;

const TENANTS = ['acme', 'globex'] as const;
const MODELS = ['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'];
const USERS_PER_TENANT = 4;
const AT_ONCE = 16;
const OUTPUT_TOKENS = 100;
/** Most bytes of the body that a client reads before it disconnects: about half of a stream. */
const HEARD_BYTES_MAX = 3_000;

/** A user who asks questions, the names that no other user may receive, and their executions. */
export type Asker = {
  client: Client;
  tenant: string;
  asked: number;
  /** Ids of the user's executions. `left`: those whose stream the user left before its end. */
  executions: Set<string>;
  left: Set<string>;
};

/** A unique question, which its answer repeats. */
export type Question = { model: string; prompt: string; mark: string };

const marks = /mark-[a-z]+-[0-9a-f-]{36}/g;

export function questionOf(tenant: string, model: string): Question {
  const mark = `mark-${tenant}-${crypto.randomUUID()}`;
  return { model, mark, prompt: `Repeat ${mark}` };
}

/** Returns the whole answer to a question. Simulated models always give the same. */
export const answerOf = ({ model, prompt }: Question): string =>
  answerTo({
    ...{ model, turns: [{ role: 'user', text: prompt }], tools: [], tool_choice: 'auto' },
    ...{ one_call: false, form: 'text', max_output_tokens: OUTPUT_TOKENS },
  }).text;

/** The answer to one question: its headers, and the part of its body that was read. */
export type Heard = { headers: string; body: string };

/**
 * Describes foreign content in an answer: another question's mark, another user's name, or text that is not a prefix of the answer
 * to this question. Returns an empty list if there is none.
 */
export function foreignIn(
  { headers, body }: Heard,
  question: Question,
  wordsOf: Surface['wordsOf'],
  strangers: readonly string[],
): string[] {
  const bytes = headers + body;
  const others = [...new Set(bytes.match(marks))].filter((mark) => mark !== question.mark);
  const text = saidIn(body).map(wordsOf).join('');
  const isOwn = answerOf(question).startsWith(text);
  return [...others, ...strangers.filter((name) => bytes.includes(name)), ...(isOwn ? [] : [text])];
}

type Call = { question: Question; surface: Surface; stream: boolean; key: string; leaves_after: number };

/** Asks once, and reads the answer to its end, or until a number of bytes. */
async function ask(stack: Stack, { client, tenant }: Asker, call: Call) {
  const { question, surface, stream, key, leaves_after } = call;
  const leaving = new AbortController();
  const url = `http://${tenant}.localhost:${stack.port}${surface.path}`;
  const response = await hostFetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${client.token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({
      ...surface.bodyOf(question.model, question.prompt, OUTPUT_TOKENS),
      stream,
    }),
    signal: leaving.signal,
  });
  let body = '';
  let left = false;
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) {
      body += decoder.decode(piece, { stream: true });
      if (body.length > leaves_after) leaving.abort();
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    left = true;
  }
  const { status } = response;
  const id = response.headers.get('x-execution-id');
  return { status, id, body, headers: JSON.stringify([...response.headers]), left };
}

async function gatherAskers(stack: Stack): Promise<Asker[]> {
  const perTenant = TENANTS.map(async (tenant) => {
    const admin = await signIn(stack.port, `${tenant}.localhost`, `admin@${tenant}.test`);
    return Promise.all(
      Array.from({ length: USERS_PER_TENANT }, async () => {
        const client = await registerSomebody(stack.port, `${tenant}.localhost`);
        await setBalance(admin, client, 1_000_000_000);
        return { client, tenant, asked: 0, executions: new Set<string>(), left: new Set<string>() };
      }),
    );
  });
  return (await Promise.all(perTenant)).flat();
}

export type Interleaving = {
  calls: number;
  left: number;
  cancelled: number;
  foreign: string[];
  took_ms: number;
};

/** Waits until nothing is held for the user, and checks ledger and executions. Returns the number of calls settled by an estimate. */
async function expectSettled(stack: Stack, { client, executions, left }: Asker): Promise<number> {
  const { seq, reserved } = await eventually(
    async () => (await client.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );
  expect(reserved).toBe(0);
  const ledger = await eventually(
    () => ledgerOf(stack.ownerUrl, client),
    (found) => found.length === seq,
    60_000,
  );
  expect(faultsOf(ledger, client)).toEqual([]);
  expect(ledger.filter(({ kind }) => kind === 'debit').length).toBe(executions.size);
  const rows = await asOwner<{ id: string; status: string; is_charged: boolean }>(
    stack.ownerUrl,
    `select id, status, tokens_charged between 1 and tokens_reserved as is_charged from ai_executions
     where tenant_id = $1 and user_id = $2`,
    [client.tenantId, client.userId],
  );
  expect(new Set(rows.map(({ id }) => id))).toEqual(executions);
  expect(rows.filter(({ is_charged }) => !is_charged)).toEqual([]);
  const cancelled = rows.filter(({ status }) => status === 'cancelled');
  expect(cancelled.filter(({ id }) => !left.has(id))).toEqual([]);
  expect(rows.filter(({ status }) => status === 'succeeded').length).toBe(rows.length - cancelled.length);
  return cancelled.length;
}

/**
 * Users of two tenants ask concurrently, streamed and not, on every surface and every provider's models. They share their
 * Idempotency-Keys, and every tenth call disconnects in the middle of a stream. Expects that every answer is the user's own, byte
 * by byte, that every call has one execution charged once, and that every ledger is correct.
 */
export async function interleaveTenants(stack: Stack, random: Random, calls: number): Promise<Interleaving> {
  const askers = await gatherAskers(stack);
  const startedMs = performance.now();
  const foreign: string[] = [];
  const askOnce = async () => {
    const asker = random.pick(askers);
    const strangers = askers.filter((other) => other !== asker).map(({ client }) => client.userId);
    const leaves = random.chance(0.1);
    const call = {
      question: questionOf(asker.tenant, random.pick(MODELS)),
      surface: random.pick(surfaces),
      stream: leaves || random.chance(0.5),
      key: `question-${asker.asked++}`,
      leaves_after: leaves ? random.integer(0, HEARD_BYTES_MAX) : Number.POSITIVE_INFINITY,
    };
    const { status, id, left, ...heard } = await ask(stack, asker, call);
    expect([200, 201], heard.body).toContain(status);
    expect(asker.executions, 'an execution of its own').not.toContain(id);
    asker.executions.add(String(id));
    if (left) asker.left.add(String(id));
    const strange = foreignIn(heard, call.question, call.surface.wordsOf, strangers);
    foreign.push(...strange);
    if (!left && strange.length === 0) expect(heard.body).toContain(call.question.mark);
  };
  let begun = 0;
  const askOn = async () => {
    while (begun++ < calls) await askOnce();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  const took_ms = performance.now() - startedMs;
  const left = askers.reduce((sum, asker) => sum + asker.left.size, 0);
  const cancelled = await Promise.all(askers.map((asker) => expectSettled(stack, asker)));
  return { calls, left, cancelled: cancelled.reduce((sum, one) => sum + one, 0), foreign, took_ms };
}
