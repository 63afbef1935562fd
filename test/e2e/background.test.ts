import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, governAcme } from '../support/catalog.ts';
import {
  asOwner,
  type Client,
  eventually,
  faultsOf,
  ledgerOf,
  registerSomebody,
  setBalance,
  signIn,
} from '../support/demo.ts';
import { streamRun } from '../support/streams.ts';

const stack = inject('stack');

let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  acme = await governAcme(stack);
});

type Body = Record<string, unknown>;
const newcomer = () => registerSomebody(stack.port, ACME);
const ask = (client: Client, body: Body, headers: Record<string, string> = {}) =>
  client.post('/api/ai/executions', { model: 'gpt-5.4-mini', prompt: 'Say hello.', ...body }, headers);

/** A tool result without a call. Every provider refuses it. */
const refused = {
  prompt: undefined,
  messages: [
    { role: 'user', content: 'Hello' },
    { role: 'tool', tool_call_id: 'call_of_nobody', content: 'Nothing' },
  ],
};

/** Begins an execution in the background and returns its address. */
async function begin(client: Client, body: Body = {}): Promise<string> {
  const answer = await ask(client, { background: true, ...body });
  expect(answer).toMatchObject({ status: 202, body: { status: 'running', tokens_charged: 0 } });
  expect(answer.headers.location).toBe(`/api/ai/executions/${answer.body.id}`);
  return answer.headers.location ?? '';
}

const look = async (client: Client, location: string) => (await client.get(location)).body;
const over = (client: Client, location: string, timeoutMs = 60_000) =>
  eventually(
    () => look(client, location),
    ({ status }) => status !== 'running',
    timeoutMs,
  );

/** Waits until nothing is held for the user, and checks the ledger. Returns the kinds of the entries that ended reservations. */
async function endsOf(client: Client) {
  const { seq } = await eventually(
    async () => (await client.get('/api/wallet')).body,
    ({ in_flight, reserved }) => in_flight === 0 && reserved === 0,
    60_000,
  );
  const rows = await eventually(
    () => ledgerOf(stack.ownerUrl, client),
    (found) => found.length === seq,
  );
  expect(faultsOf(rows, client)).toEqual([]);
  return rows.map(({ kind }) => kind).filter((kind) => ['debit', 'release', 'expiry'].includes(kind));
}

const failureKinds = ({ attempts }: { attempts: { failure: { kind: string } | null }[] }) =>
  attempts.map(({ failure }) => failure?.kind ?? null);

describe.concurrent('an execution in the background', () => {
  it.each([
    { how: 'background: true', body: { background: true }, headers: {} },
    { how: 'Prefer: respond-async', body: {}, headers: { prefer: 'wait=1, respond-async' } },
  ])(
    'is requested by $how, accepted at once, and its answer is fetched by its id',
    async ({ body, headers }) => {
      const user = await newcomer();
      const answer = await ask(user, body, headers as Record<string, string>);
      expect(answer).toMatchObject({ status: 202, body: { status: 'running', output_text: null } });
      // It can be read before the ledger has it.
      expect(await look(user, answer.headers.location ?? '')).toMatchObject({ id: answer.body.id });
      const done = await over(user, answer.headers.location ?? '');
      expect(done).toMatchObject({ status: 'succeeded', tool_calls: [], usage_source: 'reported' });
      expect(done.output_text).toContain('Say hello.');
      expect(done.tokens_charged).toBeGreaterThan(0);
      expect(done.tokens_charged).toBeLessThan(done.tokens_reserved);
      expect(await endsOf(user)).toEqual(['debit']);
    },
  );

  it('begins at once, however many long ones of another tenant are running', async () => {
    const user = await newcomer();
    await setBalance(await signIn(stack.port, ACME, 'admin@acme.test'), user, 1_000_000);
    const model = await acme.addFailing({ mode: 'slow', delay_ms: 300 });
    const long = await Promise.all(Array.from({ length: 6 }, () => begin(user, { model })));
    const other = await registerSomebody(stack.port, 'globex.localhost');
    const beganAtMs = Date.now();
    const done = await over(other, await begin(other), 20_000);
    expect(done.status).toBe('succeeded');
    expect(done.attempts[0].started_at_ms - beganAtMs).toBeLessThan(2_000);
    for (const location of long) expect((await look(user, location)).status).toBe('running');
  });

  it('goes to the next provider with the next delivery', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'server_error' }, { kind: 'anthropic', mode: 'none' });
    const done = await over(user, await begin(user, { model }));
    expect(done.status).toBe('succeeded');
    expect(failureKinds(done)).toEqual(['overloaded', null]);
    expect(await endsOf(user)).toEqual(['debit']);
  });

  it.each(['reset_mid_stream', 'error_mid_stream', 'malformed_sse', 'reset_before'])(
    'is retried when a provider breaks off (%s), and nothing of the half answer is kept',
    async (mode) => {
      const user = await newcomer();
      const model = await acme.addFailing({ mode, remaining: 1 });
      const done = await over(user, await begin(user, { model }));
      expect(done.status).toBe('succeeded');
      expect(done.attempts.map(({ failure }: { failure: object | null }) => failure === null)).toEqual([
        false,
        true,
      ]);
      expect(done.output_text.match(/Say hello/g)).toHaveLength(1);
      expect(await endsOf(user)).toEqual(['debit']);
    },
  );

  it('honours the Retry-After of a provider', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'rate_limited', retry_after_s: 7, remaining: 1 });
    const { attempts, status } = await over(user, await begin(user, { model }));
    expect(status).toBe('succeeded');
    expect(attempts).toHaveLength(2);
    expect(attempts[1].started_at_ms - attempts[0].started_at_ms).toBeGreaterThanOrEqual(7_000);
  });

  it('that a provider refuses fails at once, and costs nothing', async () => {
    const user = await newcomer();
    const done = await over(user, await begin(user, refused));
    expect(done).toMatchObject({ status: 'failed', error_code: 'provider_rejected', tokens_charged: 0 });
    expect(done.attempts).toHaveLength(1);
    expect(await endsOf(user)).toEqual(['release']);
  });

  it('can be as large as a body', async () => {
    const user = await newcomer();
    await setBalance(await signIn(stack.port, ACME, 'admin@acme.test'), user, 50_000_000);
    const text = `${'All work and no play. '.repeat(41_000)}And \u0000 that.`;
    const data = Buffer.alloc(2_500_000, 'some bytes').toString('base64');
    const image = { type: 'image', source: { kind: 'base64', media_type: 'image/png', data } };
    const pdf = { type: 'document', source: { kind: 'base64', media_type: 'application/pdf', data } };
    const messages = [{ role: 'user', content: [{ type: 'text', text }, image, pdf] }];
    expect(JSON.stringify(messages).length).toBeGreaterThan(7_500_000);
    const done = await over(user, await begin(user, { prompt: undefined, messages }));
    expect(done.status).toBe('succeeded');
    expect(done.usage.input_tokens).toBeGreaterThan(200_000);
    expect(await endsOf(user)).toEqual(['debit']);
  });

  it('cannot be a stream as well', async () => {
    const user = await newcomer();
    expect((await ask(user, { background: true, stream: true })).body.error.code).toBe('invalid_request');
  });

  it('that the balance does not cover is refused before it begins', async () => {
    const user = await newcomer();
    const answer = await ask(user, { background: true, max_output_tokens: 100_000, fit_to_balance: false });
    expect(answer).toMatchObject({ status: 402, body: { error: { code: 'insufficient_balance' } } });
  });

  it('has one effect for all requests with its Idempotency-Key', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'server_error', remaining: 1 });
    const key = { 'idempotency-key': crypto.randomUUID() };
    const first = await ask(user, { model, background: true }, key);
    const again = await ask(user, { model, background: true }, key);
    expect(again).toMatchObject({ status: 202, body: { id: first.body.id } });
    const done = await over(user, first.headers.location ?? '');
    const replayed = await ask(user, { model, background: true }, key);
    expect(replayed).toMatchObject({
      status: 201,
      body: { id: first.body.id, output_text: done.output_text },
    });
    expect(replayed.headers['idempotency-replayed']).toBe('true');
    expect((await ask(user, { model, background: true, prompt: 'Other' }, key)).status).toBe(422);
    expect(await endsOf(user)).toEqual(['debit']);
  });
});

describe.concurrent('cancelling', () => {
  it('an execution that waits for its next attempt releases the reservation, and is safe to repeat', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'rate_limited', retry_after_s: 60 });
    const location = await begin(user, { model });
    await eventually(
      () => look(user, location),
      ({ attempts }) => attempts.length === 1,
    );
    expect((await user.get('/api/wallet')).body.reserved).toBeGreaterThan(0);
    const inUpperCase = location.replace(/[^/]+$/, (id) => id.toUpperCase());
    const cancelled = await user.post(`${inUpperCase}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', tokens_charged: 0 } });
    expect((await user.get('/api/wallet')).body.reserved).toBe(0);
    expect(await user.post(`${location}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    expect(await over(user, location)).toMatchObject({ status: 'cancelled', error_code: 'cancelled' });
    expect(await user.post(`${location}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    expect(await endsOf(user)).toEqual(['release']);
  });

  it('an execution that a provider is answering leaves it, charges what was said by then, and drops the answer', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'slow', delay_ms: 200 });
    const location = await begin(user, { model });
    await eventually(
      async () => (await user.get('/api/wallet')).body,
      ({ in_flight }) => in_flight === 1,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const cancelled = await user.post(`${location}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', output_text: null } });
    expect(cancelled.body.tokens_charged).toBeGreaterThan(0);
    expect(cancelled.body.attempts).toHaveLength(1);
    expect(await endsOf(user)).toEqual(['debit']);
    expect(await look(user, location)).toMatchObject({
      ...{ status: 'cancelled', error_code: 'cancelled', output_text: null, usage_source: 'estimated' },
      tokens_charged: cancelled.body.tokens_charged,
    });
    expect(await user.post(`${location}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
  });

  it('an ended, a foreground or another user’s execution is refused', async () => {
    const user = await newcomer();
    const location = await begin(user);
    await over(user, location);
    expect(await user.post(`${location}/cancel`)).toMatchObject({
      status: 409,
      body: { error: { code: 'execution_over' } },
    });
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    // An admin sees it when the ledger has it.
    await eventually(
      () => admin.get(location),
      ({ status }) => status === 200,
    );
    expect((await admin.post(`${location}/cancel`)).status).toBe(404);
    expect((await (await newcomer()).post(`${location}/cancel`)).status).toBe(404);
    const model = await acme.addFailing({ mode: 'slow_start', delay_ms: 8_000 });
    const running = ask(user, { model });
    const { items } = await eventually(
      async () => (await user.get('/api/ai/executions')).body,
      (page) => page.items.some((item: { status: string }) => item.status === 'running'),
    );
    expect(await user.post(`/api/ai/executions/${items[0].id}/cancel`)).toMatchObject({
      status: 409,
      body: { error: { code: 'not_in_background' } },
    });
    expect((await running).status).toBe(201);
  });
});

describe.concurrent('a call whose providers all failed', () => {
  it('continues in the background on request, with the same reservation and its attempts', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'server_error', remaining: 2 });
    const answer = await ask(user, { model, fallback: 'background' });
    expect(answer).toMatchObject({ status: 202, body: { status: 'running' } });
    expect(answer.body.attempts).toHaveLength(1);
    const done = await over(user, answer.headers.location ?? '');
    expect(done).toMatchObject({ id: answer.body.id, status: 'succeeded' });
    expect(failureKinds(done)).toEqual(['overloaded', 'overloaded', null]);
    expect((await ledgerOf(stack.ownerUrl, user)).filter(({ kind }) => kind === 'reserve')).toHaveLength(1);
    expect(await endsOf(user)).toEqual(['debit']);
  });

  it('fails without this request, and if the provider refused the request itself', async () => {
    const user = await newcomer();
    const model = await acme.addFailing({ mode: 'server_error' });
    expect((await ask(user, { model })).body.error.code).toBe('provider_failed');
    expect((await ask(user, { ...refused, fallback: 'background' })).body.error.code).toBe(
      'provider_rejected',
    );
    expect(await endsOf(user)).toEqual(['release', 'release']);
  });

  it('is answered in the foreground if a provider answers', async () => {
    const user = await newcomer();
    expect(await ask(user, { fallback: 'background' })).toMatchObject({
      status: 201,
      body: { status: 'succeeded' },
    });
  });
});

describe.concurrent('the content of an execution', () => {
  const kept = (client: Client) =>
    asOwner<{ execution_id: string; expires_at: string | null }>(
      stack.ownerUrl,
      'select execution_id, expires_at from ai_execution_contents where user_id = $1 and input is not null',
      [client.userId],
    );

  it('is shown to its user only, expires within a day, and is gone after they delete it', async () => {
    const user = await newcomer();
    const location = await begin(user);
    await over(user, location);
    await endsOf(user);
    const [row] = await kept(user);
    expect(Date.parse(row?.expires_at ?? '') - Date.now()).toBeLessThanOrEqual(86_400_000);
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    expect(await look(admin, location)).toMatchObject({
      status: 'succeeded',
      output_text: null,
      tool_calls: null,
    });
    const content = `${location}/content`;
    expect(await user.get(content)).toMatchObject({
      status: 200,
      body: { messages: [{ role: 'user' }], output_text: expect.stringContaining('Say hello.') },
    });
    expect((await admin.get(content)).status).toBe(404);
    expect((await (await newcomer()).get(content)).status).toBe(404);
    expect((await admin.delete(`${location}/content`)).status).toBe(404);
    expect((await (await newcomer()).delete(`${location}/content`)).status).toBe(404);
    expect((await user.delete(`${location}/content`)).status).toBe(204);
    expect((await user.delete(`${location}/content`)).status).toBe(204);
    expect((await user.get(content)).body).toEqual({ messages: null, output_text: null, tool_calls: null });
    expect(await look(user, location)).toMatchObject({ status: 'succeeded', output_text: null });
    expect(await kept(user)).toEqual([]);
  });

  it('is not replayed for its Idempotency-Key after it was deleted, and the key still has one effect', async () => {
    const user = await newcomer();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const said = await ask(user, {}, headers);
    expect((await ask(user, {}, headers)).headers['idempotency-replayed']).toBe('true');
    // The case of an id does not matter.
    const content = `/api/ai/executions/${said.body.id.toUpperCase()}/content`;
    await eventually(
      () => user.delete(content),
      ({ status }) => status === 204,
    );
    expect(await ask(user, {}, headers)).toMatchObject({
      status: 409,
      body: { error: { code: 'idempotency_answer_gone' } },
    });
    expect((await endsOf(user)).length).toBe(1);
  });

  it('is not kept for a foreground call, unless the tenant stores contents', async () => {
    const admin = await signIn(stack.port, 'globex.localhost', 'admin@globex.test');
    const user = await registerSomebody(stack.port, 'globex.localhost');
    const said = await ask(user, {});
    expect(await kept(user)).toEqual([]);
    expect((await user.patch('/api/tenant', { stores_contents: true })).status).toBe(403);
    expect(await admin.patch('/api/tenant', { stores_contents: true })).toMatchObject({ status: 200 });
    expect((await user.get('/api/tenant/settings')).body).toMatchObject({ stores_contents: true });
    try {
      const answer = await ask(user, {});
      const location = `/api/ai/executions/${answer.body.id}`;
      const shown = await eventually(
        () => look(user, location),
        ({ output_text }) => typeof output_text === 'string',
      );
      expect(shown.output_text).toBe(answer.body.output_text);
      const streamed = await streamRun(
        { port: stack.port, host: 'globex.localhost', token: user.token },
        { model: 'gpt-5.4-mini', prompt: 'Hello' },
        {},
      );
      const id = streamed.headers['x-execution-id'];
      await eventually(
        () => look(user, `/api/ai/executions/${id}`),
        ({ output_text }) => typeof output_text === 'string',
      );
      expect((await look(user, `/api/ai/executions/${said.body.id}`)).output_text).toBeNull();
      expect((await kept(user)).map(({ expires_at }) => expires_at)).toEqual([null, null]);
    } finally {
      await admin.patch('/api/tenant', { stores_contents: false });
    }
    const audited = await asOwner<{ details: object }>(
      stack.ownerUrl,
      `select details from audit_log where action = 'tenant.settings_changed' and actor_user_id = $1 order by id`,
      [admin.userId],
    );
    expect(audited).toHaveLength(2);
  });
});
