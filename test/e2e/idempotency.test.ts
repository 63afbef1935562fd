import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { ExecutionEvent } from '../../contracts/api/executions.ts';
import { ACME, GLOBEX, governAcme, refusal } from '../support/catalog.ts';
import { type Client, eventually, ledgerOf, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import type { JsonAnswer } from '../support/http.ts';
import { arrivals, expectOneEffect, promptOf } from '../support/one-effect.ts';
import { streamRun } from '../support/streams.ts';

/** An Idempotency-Key gives repeated and concurrent requests one effect, on every surface. */

const stack = inject('stack');
const AT_ONCE = 50;
const EXECUTIONS = '/api/ai/executions';

let acme: Awaited<ReturnType<typeof governAcme>>;
/** A slow model, so that all requests arrive while the first one runs. */
let slowModel: string;
/** The same for streams, which wait before every piece, and for background executions, which are called as streams. */
let slowStream: string;
beforeAll(async () => {
  acme = await governAcme(stack);
  slowModel = await acme.addFailing({ mode: 'slow_start', delay_ms: 1_200 });
  slowStream = await acme.addFailing({ mode: 'slow', delay_ms: 10 });
});

const newKey = () => ({ 'idempotency-key': crypto.randomUUID() });
const newcomer = (host = ACME) => registerSomebody(stack.port, host);
const times = <Answer>(count: number, ask: () => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, ask));

type Answer = Pick<JsonAnswer, 'status' | 'headers' | 'body'>;

const isReplayed = ({ headers }: Pick<Answer, 'headers'>) => headers['idempotency-replayed'] === 'true';
/** Returns the first answer and the replays. Expects a Retry-After in the answers given while the first request ran. */
function sortOut<Given extends Answer>(answers: Given[]): { first: Given; later: Given[] } {
  const done = answers.filter(({ status }) => status < 400);
  const [first, ...others] = done.filter((answer) => !isReplayed(answer));
  if (first === undefined || others.length > 0) throw new Error('Not exactly one was answered');
  const running = answers.filter((answer) => !done.includes(answer));
  expect(running.length).toBeGreaterThan(0);
  for (const { status, headers, body } of running) {
    expect({ status, body }).toMatchObject(refusal(409, 'idempotency_in_progress'));
    expect(headers['retry-after']).toBe('1');
  }
  return { first, later: done.filter(isReplayed) };
}

const streamed = (user: Client, body: object, headers: Record<string, string>) =>
  streamRun({ port: stack.port, host: ACME, token: user.token }, body, { headers });
const finishedIn = (events: ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'execution' ? [event.execution] : []));
const textIn = (events: ExecutionEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

describe(`${AT_ONCE} calls at once with one Idempotency-Key are one execution`, () => {
  it('in one piece: one is answered, the others are refused while it runs, and get the same answer later', async () => {
    const user = await newcomer();
    const [body, key] = [promptOf(slowModel), newKey()];
    const { first, later } = sortOut(await times(AT_ONCE, () => user.post(EXECUTIONS, body, key)));
    const { id, tokens_charged } = await expectOneEffect(stack, user, body.max_output_tokens);
    expect(first).toMatchObject({ status: 201, body: { id, tokens_charged } });
    for (const again of [...later, ...(await times(5, () => user.post(EXECUTIONS, body, key)))]) {
      expect(again).toMatchObject({ status: 201, body: first.body });
      expect(isReplayed(again)).toBe(true);
    }
    await expectOneEffect(stack, user, body.max_output_tokens);
  });

  it('as a stream: one gets it live, the others get the same text later', async () => {
    const user = await newcomer();
    const [body, headers] = [promptOf(slowStream), newKey()];
    const run = () => streamed(user, body, headers);
    const { first, later } = sortOut(await times(AT_ONCE, run));
    const { id } = await expectOneEffect(stack, user, body.max_output_tokens);
    expect(finishedIn(first.events)).toMatchObject([{ id, output_text: textIn(first.events) }]);
    for (const again of [...later, await run()]) {
      expect(isReplayed(again)).toBe(true);
      expect(textIn(again.events)).toBe(textIn(first.events));
      expect(finishedIn(again.events)).toEqual(finishedIn(first.events));
    }
    await expectOneEffect(stack, user, body.max_output_tokens);
  });

  it('in the background: all get the same execution, or are refused while it begins', async () => {
    const user = await newcomer();
    const [body, key] = [{ ...promptOf(slowStream), background: true }, newKey()];
    const answers = await times(AT_ONCE, () => user.post(EXECUTIONS, body, key));
    const accepted = answers.filter(({ status }) => status < 400);
    const [begun, ...others] = new Set(accepted.map(({ body: { id } }) => id));
    expect(others).toEqual([]);
    // The key is claimed a moment before the execution can be read.
    for (const { status, body: told } of answers.filter((answer) => !accepted.includes(answer)))
      expect({ status, body: told }).toMatchObject(refusal(409, 'idempotency_in_progress'));
    await eventually(
      async () => (await user.get(`${EXECUTIONS}/${begun}`)).body,
      ({ status }) => status !== 'running',
    );
    const { id } = await expectOneEffect(stack, user, body.max_output_tokens);
    expect(begun).toBe(id);
    expect(await user.post(EXECUTIONS, body, key)).toMatchObject({
      status: 201,
      body: { id, output_text: expect.stringContaining('Once only.') },
    });
    await expectOneEffect(stack, user, body.max_output_tokens);
  });
});

/** Registers a user with an API key for an SDK. The SDK retries by itself. */
async function sdkUser() {
  const user = await newcomer();
  const made = await user.post('/api/api-keys', { name: 'sdk', scopes: ['executions:write'] });
  const options = { apiKey: made.body.secret, fetch: hostFetch, maxRetries: 10 };
  const origin = `http://${ACME}:${stack.port}`;
  return {
    user,
    openai: new OpenAI({ ...options, baseURL: `${origin}/v1` }),
    anthropic: new Anthropic({ ...options, baseURL: origin }),
  };
}

describe(`${AT_ONCE} calls at once of an official SDK with one Idempotency-Key all get the same answer, paid once`, () => {
  const messages = [{ role: 'user' as const, content: 'Once only.' }];

  it('by OpenAI’s, in one piece', async () => {
    const { user, openai } = await sdkUser();
    const [{ model, max_output_tokens }, headers] = [promptOf(slowModel), newKey()];
    const body = { model, messages, max_completion_tokens: max_output_tokens };
    const [first, ...others] = await times(AT_ONCE, () => openai.chat.completions.create(body, { headers }));
    const { id } = await expectOneEffect(stack, user, max_output_tokens);
    expect(first?.id).toContain(id);
    expect(first?.choices[0]?.message.content).toContain('Once only.');
    for (const other of others) expect(other).toEqual(first);
  });

  it('by OpenAI’s, as a stream', async () => {
    const { user, openai } = await sdkUser();
    const [{ model, max_output_tokens }, headers] = [promptOf(slowStream), newKey()];
    const body = { model, messages, max_completion_tokens: max_output_tokens, stream: true as const };
    const heard = await times(AT_ONCE, async () => {
      let [id, text] = ['', ''];
      for await (const chunk of await openai.chat.completions.create(body, { headers })) {
        id = chunk.id;
        text += chunk.choices[0]?.delta.content ?? '';
      }
      return { id, text };
    });
    const { id } = await expectOneEffect(stack, user, max_output_tokens);
    expect(heard[0]?.id).toContain(id);
    expect(heard[0]?.text).toContain('Once only.');
    for (const other of heard) expect(other).toEqual(heard[0]);
  });

  it.each([
    { how: 'in one piece', stream: false },
    { how: 'as a stream', stream: true },
  ])('by Anthropic’s, $how', async ({ stream }) => {
    const { user, anthropic } = await sdkUser();
    const [{ model, max_output_tokens }, headers] = [promptOf(stream ? slowStream : slowModel), newKey()];
    const body = { model, messages, max_tokens: max_output_tokens };
    const [first, ...others] = await times(AT_ONCE, async () =>
      stream
        ? await anthropic.messages.stream(body, { headers }).finalMessage()
        : await anthropic.messages.create(body, { headers }),
    );
    const { id } = await expectOneEffect(stack, user, max_output_tokens);
    expect(first?.id).toContain(id);
    expect(first?.content).toMatchObject([{ type: 'text', text: expect.stringContaining('Once only.') }]);
    for (const other of others) expect([other.id, other.content]).toEqual([first?.id, first?.content]);
  });
});

describe.concurrent('an Idempotency-Key', () => {
  it('with two concurrent bodies belongs to the first; the other is refused, then and later', async () => {
    const user = await newcomer();
    const [one, key] = [promptOf(slowModel), newKey()];
    const other = { ...one, prompt: 'Something else.' };
    const bodies = Array.from({ length: AT_ONCE }, (_, index) => (index % 2 === 0 ? one : other));
    const answers = await Promise.all(bodies.map((body) => user.post(EXECUTIONS, body, key)));
    const won = bodies[answers.findIndex(({ status }) => status === 201)];
    sortOut(answers.filter((_, index) => bodies[index] === won));
    for (const refused of answers.filter((_, index) => bodies[index] !== won))
      expect(refused).toMatchObject(refusal(422, 'idempotency_mismatch'));
    const lost = won === one ? other : one;
    const late = await user.post(EXECUTIONS, lost, key);
    expect(late).toMatchObject(refusal(422, 'idempotency_mismatch'));
    expect(late.headers['x-should-retry']).toBe('false');
    await expectOneEffect(stack, user, one.max_output_tokens);
  });

  it('belongs to one surface: another one refuses it, even with the same body', async () => {
    const user = await newcomer();
    const [{ model, max_output_tokens }, key] = [promptOf('gpt-5.4-mini'), newKey()];
    const body = {
      model,
      max_tokens: max_output_tokens,
      messages: [{ role: 'user', content: 'Once only.' }],
    };
    const answered = await user.post('/v1/chat/completions', body, key);
    expect(answered).toMatchObject({ status: 200, body: { object: 'chat.completion' } });
    const details = { error_code: 'idempotency_mismatch' };
    const refused = await user.post('/v1/messages', body, key);
    expect(refused).toMatchObject({ status: 422, body: { type: 'error', error: { details } } });
    expect(await user.post('/v1/messages', body, newKey())).toMatchObject({ status: 200 });
    expect((await user.post('/v1/chat/completions', body, key)).body).toEqual(answered.body);
    expect(await arrivals(stack, max_output_tokens)).toBe(2);
  });

  it('belongs to its user: other users of this and other tenants can use the same key', async () => {
    const users = await Promise.all([newcomer(), newcomer(), newcomer(GLOBEX)]);
    const [key, bodies] = [newKey(), users.map(() => promptOf('gpt-5.4-mini'))];
    const ids = new Set<string>();
    for (const [index, user] of users.entries()) {
      const body = bodies[index] ?? promptOf('gpt-5.4-mini');
      const answer = await user.post(EXECUTIONS, body, key);
      expect(answer).toMatchObject({ status: 201, body: { user_id: user.userId } });
      expect(answer.headers['idempotency-replayed']).toBeUndefined();
      ids.add((await expectOneEffect(stack, user, body.max_output_tokens)).id);
    }
    expect(ids.size).toBe(users.length);
  });

  it('of a request refused for its balance can be used again after a credit', async () => {
    const user = await newcomer();
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    await setBalance(admin, user, 10);
    const [body, key] = [promptOf('gpt-5.4-mini'), newKey()];
    for (const refused of await times(5, () => user.post(EXECUTIONS, body, key)))
      expect(refused).toMatchObject(refusal(402, 'insufficient_balance'));
    expect(await arrivals(stack, body.max_output_tokens)).toBe(0);
    await setBalance(admin, user, 20_000);
    const answered = await user.post(EXECUTIONS, body, key);
    expect(answered.status).toBe(201);
    expect((await user.post(EXECUTIONS, body, key)).body).toEqual(answered.body);
    expect(await arrivals(stack, body.max_output_tokens)).toBe(1);
    expect((await user.get('/api/wallet')).body.available).toBe(20_000 - answered.body.tokens_charged);
  });

  it('whose execution failed runs again, in one piece and as a stream', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'server_error', remaining: 1 });
    const [body, headers] = [promptOf(model), newKey()];
    expect(await user.post(EXECUTIONS, body, headers)).toMatchObject(refusal(503, 'provider_failed'));
    expect(await user.post(EXECUTIONS, body, headers)).toMatchObject({ status: 201 });
    const broken = await acme.addFailing({ mode: 'reset_mid_stream', remaining: 1 });
    const [second, key] = [promptOf(broken), newKey()];
    const run = () => streamed(user, second, key);
    expect((await run()).events.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider_failed' } });
    expect(finishedIn((await run()).events)).toHaveLength(1);
    expect(await arrivals(stack, second.max_output_tokens)).toBe(2);
    const { seq } = (await user.get('/api/wallet')).body;
    const ledger = await eventually(
      () => ledgerOf(stack.ownerUrl, user),
      (found) => found.length === seq,
    );
    const twice = ['reserve', 'release', 'reserve', 'debit'];
    expect(ledger.map(({ kind }) => kind)).toEqual(['allocation', ...twice, ...twice]);
  });

  it.each([
    { how: 'in one piece', stream: false },
    { how: 'as a stream', stream: true },
  ])('of somebody whose connection broke brings the answer that was paid for, $how', async ({ stream }) => {
    const user = await newcomer();
    const [body, key] = [{ ...promptOf(stream ? slowStream : slowModel), stream }, newKey()];
    const leaving = new AbortController();
    const left = user.post(EXECUTIONS, body, key, leaving.signal).catch((error: Error) => error.name);
    await sleep(400);
    leaving.abort();
    expect(await left).toBe('AbortError');
    const askAgain = async () => {
      const answer = stream ? await streamed(user, body, key) : await user.post(EXECUTIONS, body, key);
      const execution = 'events' in answer ? finishedIn(answer.events as ExecutionEvent[])[0] : answer.body;
      return { ...answer, id: execution?.id };
    };
    const again = await eventually(askAgain, ({ status }) => status !== 409);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const { id } = await expectOneEffect(stack, user, body.max_output_tokens);
    expect(again.id).toBe(id);
  });
});
