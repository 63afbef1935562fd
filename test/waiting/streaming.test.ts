import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { ExecutionEvent } from '../../contracts/api/executions.ts';
import { ACME, governAcme } from '../support/catalog.ts';
import {
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

const run = (client: Client, body: object, options: Parameters<typeof streamRun>[2] = {}) =>
  streamRun({ port: stack.port, host: ACME, token: client.token }, body, options);

const textOf = (events: ExecutionEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');
const finishedIn = (events: ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'execution' ? [event.execution] : []));

/** Waits until no execution of the user is running. Returns the executions, newest first. */
async function settled(client: Client) {
  await eventually(
    async () => (await client.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );
  const { seq } = (await client.get('/api/wallet')).body;
  const rows = await eventually(
    () => ledgerOf(stack.ownerUrl, client),
    (found) => found.length === seq,
  );
  expect(faultsOf(rows, client)).toEqual([]);
  return (await client.get('/api/ai/executions?limit=100')).body.items;
}

describe.concurrent('a streamed run', () => {
  it.each(['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'])(
    'on %s arrives in pieces, ends with the finished execution, and costs the stated amount',
    async (model) => {
      const user = await registerSomebody(stack.port, ACME);
      const { status, headers, events } = await run(user, { model, prompt: 'Say hello to the edge.' });
      expect(status).toBe(200);
      expect(headers['content-type']).toContain('text/event-stream');
      expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(5);
      const [execution, ...more] = finishedIn(events);
      expect(more).toEqual([]);
      expect(events.at(-1)?.type).toBe('execution');
      expect(execution).toMatchObject({
        id: headers['x-execution-id'],
        status: 'succeeded',
        output_text: textOf(events),
        usage_source: 'reported',
      });
      const [stored] = await settled(user);
      expect(stored).toMatchObject({ id: execution?.id, tokens_charged: execution?.tokens_charged });
      expect((await user.get('/api/wallet')).body.available).toBe(execution?.balance_after);
    },
  );

  it('sends its headers with the first event of a provider, so that a failure before it has a status', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const model = await acme.addFailing({ mode: 'slow', delay_ms: 4_000 });
    const streamed = await run(user, { model, prompt: 'Hello' }, { onEvent: (_, leave) => leave() });
    expect(streamed.status).toBe(200);
    expect(streamed.headersAfterMs).toBeGreaterThan(3_500);
  });

  it('repeated with its Idempotency-Key is the same answer, charged once', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const body = { model: 'gpt-5.4-mini', prompt: 'Once only' };
    const first = await run(user, body, { headers });
    const second = await run(user, body, { headers });
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(textOf(second.events)).toBe(textOf(first.events));
    expect(finishedIn(second.events)).toEqual(finishedIn(first.events));
    expect((await settled(user)).length).toBe(1);
    const other = await run(user, { ...body, prompt: 'Something else' }, { headers });
    expect(other).toMatchObject({ status: 422, body: { error: { code: 'idempotency_mismatch' } } });
  });

  it('fitted to a small balance states its limit, and never costs more than the balance', async () => {
    const user = await registerSomebody(stack.port, ACME);
    await setBalance(await signIn(stack.port, ACME, 'admin@acme.test'), user, 900);
    const body = { model: 'gpt-5.4-mini', prompt: 'Tell me a story', max_output_tokens: 4_000 };
    const unfitted = await run(user, { ...body, fit_to_balance: false });
    expect(unfitted.body.error.code).toBe('insufficient_balance');
    const answer = await run(user, body);
    const [execution] = finishedIn(answer.events);
    expect(answer.headers['x-max-output-tokens-fitted']).toBe(String(execution?.fitted_max_output_tokens));
    expect(execution?.fitted_max_output_tokens).toBeGreaterThan(15);
    expect(execution?.fitted_max_output_tokens).toBeLessThan(4_000);
    expect(execution?.tokens_reserved).toBeLessThanOrEqual(900);
    await settled(user);
  });
});

describe.concurrent('a provider that fails', () => {
  it('before its first content leads to the next one, which answers', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const model = await acme.addFailing({ mode: 'server_error' }, { kind: 'anthropic', mode: 'none' });
    const [execution] = finishedIn((await run(user, { model, prompt: 'Hello' })).events);
    expect(execution?.attempts.map(({ failure }) => failure?.kind ?? null)).toEqual(['overloaded', null]);
    await settled(user);
  });

  it('before its first content, as the only one, gets an error status, and charges nothing', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const model = await acme.addFailing({ mode: 'server_error' });
    const { status, headers, body } = await run(user, { model, prompt: 'Hello' });
    expect(status).toBe(503);
    expect(headers['retry-after']).toBeDefined();
    expect(body.error.code).toBe('provider_failed');
    expect(await settled(user)).toMatchObject([{ status: 'failed', tokens_charged: 0 }]);
  });

  it.each(['reset_mid_stream', 'error_mid_stream', 'malformed_sse'])(
    'in the middle of its answer (%s) ends the stream with an error, and charges nothing',
    async (mode) => {
      const user = await registerSomebody(stack.port, ACME);
      const before = (await user.get('/api/wallet')).body.available;
      const model = await acme.addFailing({ mode });
      const { status, events } = await run(user, { model, prompt: 'Hello' });
      expect(status).toBe(200);
      expect(textOf(events)).not.toBe('');
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider_failed' } });
      expect(await settled(user)).toMatchObject([{ status: 'failed', tokens_charged: 0 }]);
      expect((await user.get('/api/wallet')).body.available).toBe(before);
    },
  );

  it.each(['missing_usage', 'hostile_usage'])(
    'to report a possible usage (%s) is charged by a marked estimate, within the reservation',
    async (mode) => {
      const user = await registerSomebody(stack.port, ACME);
      const model = await acme.addFailing({ mode });
      const [execution] = finishedIn((await run(user, { model, prompt: 'Hello' })).events);
      expect(execution?.usage_source).toBe('estimated');
      expect(execution?.tokens_charged).toBeGreaterThan(0);
      expect(execution?.tokens_charged).toBeLessThanOrEqual(execution?.tokens_reserved ?? 0);
      await settled(user);
    },
  );
});

describe.concurrent('a client that leaves', () => {
  it('at any of 64 events is charged once, for the reported usage, and nothing stays held', async () => {
    const user = await registerSomebody(stack.port, ACME);
    await setBalance(await signIn(stack.port, ACME, 'admin@acme.test'), user, 1_000_000);
    const leaveAt = (frame: number) =>
      run(
        user,
        { model: 'gpt-5.4-mini', prompt: `Leave at ${frame}` },
        {
          onEvent: (count, leave) => {
            if (count === frame) leave();
          },
        },
      );
    for (let frame = 1; frame <= 64; frame += 16)
      await Promise.all(Array.from({ length: 16 }, (_, index) => leaveAt(frame + index)));
    const executions = await settled(user);
    expect(executions.length).toBe(64);
    for (const { status, usage, tokens_charged, tokens_reserved } of executions) {
      expect(status).toBe('succeeded');
      expect(usage.output_tokens).toBeGreaterThan(0);
      expect(tokens_charged).toBeGreaterThan(0);
      expect(tokens_charged).toBeLessThanOrEqual(tokens_reserved);
    }
  });
});

describe.concurrent('an answer that takes longer than a reservation lives', () => {
  /** Sets the reservation lifetime to ten seconds, the shortest that a policy allows. */
  const shorten = async (user: Client) => {
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    const inherited = {
      mode: null,
      allocation_tokens: null,
      rollover_cap_tokens: null,
      enforcement: null,
      warning_thresholds_percent: null,
      in_flight_max: null,
    };
    const override = { ...inherited, reservation_lifetime_ms: 10_000 };
    expect((await admin.put(`/api/users/${user.userId}/token-policy`, override)).status).toBe(200);
    return admin;
  };

  it('in one piece keeps its reservation alive to the end', async () => {
    const user = await registerSomebody(stack.port, ACME);
    await shorten(user);
    const model = await acme.addFailing({ mode: 'slow_start', delay_ms: 16_000 });
    const { status, body } = await user.post('/api/ai/executions', { model, prompt: 'Hello' });
    expect(status).toBe(201);
    expect(Date.parse(body.finished_at) - Date.parse(body.created_at)).toBeGreaterThan(15_000);
    await settled(user);
  }, 90_000);

  it('as a stream keeps its reservation alive to the end', async () => {
    const user = await registerSomebody(stack.port, ACME);
    await shorten(user);
    const model = await acme.addFailing({ mode: 'slow', delay_ms: 170 });
    const startedMs = Date.now();
    const [execution] = finishedIn((await run(user, { model, prompt: 'Hello' })).events);
    expect(Date.now() - startedMs).toBeGreaterThan(11_000);
    expect(execution).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
    await settled(user);
  }, 90_000);

  it('ends when its user is disabled, charged for the output by then', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const admin = await shorten(user);
    const model = await acme.addFailing({ mode: 'slow', delay_ms: 300 });
    const disable = () => admin.patch(`/api/users/${user.userId}`, { status: 'disabled' });
    let disabled: ReturnType<typeof disable> | undefined;
    const { events } = await run(
      user,
      { model, prompt: 'Hello' },
      {
        onEvent: () => {
          disabled ??= disable();
        },
      },
    );
    expect((await disabled)?.status).toBe(200);
    const [execution] = finishedIn(events);
    expect(execution).toMatchObject({ status: 'cancelled', usage_source: 'estimated' });
    expect(execution?.tokens_charged).toBeGreaterThan(0);
  }, 90_000);
});
