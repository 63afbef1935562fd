import { beforeAll, describe, expect, inject, it } from 'vitest';
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
import { setFault as switchFault } from '../support/simulators.ts';
import { resetRoundTrips, roundTrips } from '../support/stack.ts';

const ACME = 'acme.localhost';
const stack = inject('stack');
const run = (client: Client, body: unknown) => client.post('/api/ai/executions', body);

const setFault = (provider: string, mode: string, more: Record<string, unknown> = {}) =>
  switchFault(stack.simulatorOrigin, provider, mode, more);

describe('a user who runs a prompt', () => {
  it.each(['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'])(
    'on %s gets an answer, is charged for it, and finds it in the ledger and among the executions',
    async (model) => {
      const user = await registerSomebody(stack.port, ACME);
      const before = (await user.get('/api/wallet')).body;
      const { status, body, headers } = await run(user, { model, prompt: 'Say hello to the edge.' });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        status: 'succeeded',
        model,
        usage_source: 'reported',
        output_text: expect.stringMatching(/\w/),
      });
      expect(body.tokens_charged).toBeGreaterThan(0);
      expect(headers['x-wallet-tokens-charged']).toBe(String(body.tokens_charged));
      expect(headers['x-execution-id']).toBe(body.id);

      const after = (await user.get('/api/wallet')).body;
      expect(after.available).toBe(before.available - body.tokens_charged);
      expect(after.reserved).toBe(0);

      const rows = await eventually(
        () => ledgerOf(stack.ownerUrl, user),
        (found) => found.length === after.seq,
      );
      expect(rows.map(({ kind }) => kind)).toEqual(['allocation', 'reserve', 'debit']);
      expect(faultsOf(rows, user)).toEqual([]);
      const stored = (await user.get(`/api/ai/executions/${body.id}`)).body;
      const { output_text: _t, tool_calls: _c, fitted_max_output_tokens: _f, ...receipt } = body;
      expect(stored).toMatchObject({
        ...receipt,
        tokens_released: body.tokens_reserved - body.tokens_charged,
        overage: 0,
        policy: { version: rows[1]?.policy_version, mode: 'lifetime', enforcement: 'hard' },
      });
      const listed = (await user.get('/api/wallet/ledger')).body.items;
      expect(listed[0]).toMatchObject({ kind: 'debit', amount: body.tokens_charged, execution_id: body.id });
      expect(stored.ledger).toEqual([listed[1], listed[0]]);
    },
  );

  it('costs no database round trip once warm, and one for each page that reads Postgres', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const prompt = { model: 'gpt-5.4-mini', prompt: 'Warm up.' };
    await run(user, prompt);
    await resetRoundTrips(stack.gatewayOrigin);
    expect((await run(user, prompt)).status).toBe(201);
    for (const page of ['/api/wallet', '/api/ai/models', '/v1/models'])
      expect((await user.get(page)).status, page).toBe(200);
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(0);
    for (const page of ['/api/ai/executions', '/api/wallet/ledger', '/api/auth/me']) {
      await resetRoundTrips(stack.gatewayOrigin);
      expect((await user.get(page)).status).toBe(200);
      expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request'), page).toBe(1);
    }
  });

  it('can page through their executions, newest first, without a gap or a repetition', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const made: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      made.unshift((await run(user, { model: 'gpt-5.4-mini', prompt: `Turn ${turn}` })).body.id);
    }
    const list = '/api/ai/executions?limit=2';
    await eventually(
      () => user.get('/api/ai/executions'),
      ({ body }) => body.items.length === 5,
    );
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await user.get(cursor === '' ? list : `${list}&cursor=${cursor}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(made);
  });
});

describe('a balance that covers ten reservations', () => {
  it('is never overspent by two hundred concurrent executions; refusals give the reason, and wallet and ledger agree', async () => {
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    const user = await registerSomebody(stack.port, ACME);
    const body = { model: 'gpt-5.4-mini', prompt: 'x'.repeat(100), max_output_tokens: 200 };
    const worstCase = (await run(user, body)).body.tokens_reserved;
    const covers = worstCase * 10;
    await setBalance(admin, user, covers);
    const start = (await user.get('/api/wallet')).body;
    await setFault('openai', 'slow_start', { delay_ms: 1_500 });

    const answers = await Promise.all(Array.from({ length: 200 }, () => run(user, body)));
    await setFault('openai', 'none');
    const served = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 429);
    expect(served.length + refused.length).toBe(200);
    expect(served.length).toBeGreaterThanOrEqual(10);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body: refusal, headers } of refused) {
      expect(refusal.error).toMatchObject({
        code: 'tokens_held',
        details: { scope: 'wallet', resets_at: null },
      });
      // The input was counted before the refusal.
      const { required, available } = refusal.error.details;
      expect(required).toBeLessThanOrEqual(worstCase);
      expect(available).toBeLessThan(required);
      expect(refusal.error.details.reserved).toBeGreaterThan(0);
      expect(headers['retry-after']).toBe('2');
    }

    const spent = served.reduce((sum, { body: execution }) => sum + execution.tokens_charged, 0);
    expect(spent).toBeLessThanOrEqual(covers);
    const end = (await user.get('/api/wallet')).body;
    expect(end).toMatchObject({ available: start.available - spent, reserved: 0, in_flight: 0 });
    const rows = await eventually(
      () => ledgerOf(stack.ownerUrl, user),
      (found) => found.length === end.seq,
    );
    expect(faultsOf(rows, user)).toEqual([]);
    expect(rows.every((row) => row.monthly_after + row.lifetime_after >= row.reserved_after)).toBe(true);
    const projected = await eventually(
      () =>
        asOwner<{ seq: string; lifetime: string; reserved: string }>(
          stack.ownerUrl,
          'select seq, lifetime, reserved from user_token_wallets where tenant_id = $1 and user_id = $2',
          [user.tenantId, user.userId],
        ),
      ([row]) => Number(row?.seq) === end.seq,
    );
    expect(projected[0]).toEqual({ seq: String(end.seq), lifetime: String(end.lifetime), reserved: '0' });
    const executions = await asOwner<{ status: string; charged: string }>(
      stack.ownerUrl,
      `select status, sum(tokens_charged) as charged from ai_executions
       where tenant_id = $1 and user_id = $2 group by status`,
      [user.tenantId, user.userId],
    );
    expect(executions).toEqual([{ status: 'succeeded', charged: String(end.consumed) }]);
  });
});

describe('when providers fail', () => {
  // Keeps the faults of single keys: they belong to other tests, which may still be running (global-setup.ts).
  const reset = () => setFault('all', 'none');
  beforeAll(reset);

  it('the next one in priority order answers, and the receipt names every attempt', async () => {
    const user = await registerSomebody(stack.port, ACME);
    await setFault('openai', 'server_error');
    const { status, body } = await run(user, { model: 'auto', prompt: 'Anybody there?' });
    await reset();
    expect(status).toBe(201);
    expect(body.provider.name).toBe('Anthropic');
    // The provider's message is shown to operators only.
    expect(body.attempts[0].failure).not.toHaveProperty('message');
    expect(body.attempts).toMatchObject([
      { provider_kind: 'openai', failure: { kind: 'overloaded', retryable: true } },
      { provider_kind: 'anthropic', failure: null },
    ]);
  });

  it('and none can answer, the caller gets a 503 with Retry-After and pays nothing', async () => {
    const user = await registerSomebody(stack.port, ACME);
    const before = (await user.get('/api/wallet')).body;
    await setFault('all', 'server_error');
    const { status, body, headers } = await run(user, { model: 'auto', prompt: 'Anybody there?' });
    await reset();
    expect(status).toBe(503);
    expect(body.error.code).toBe('provider_failed');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    const after = (await user.get('/api/wallet')).body;
    expect(after).toMatchObject({ available: before.available, reserved: 0, in_flight: 0 });
    const id = headers['x-execution-id'];
    const stored = await eventually(
      () => user.get(`/api/ai/executions/${id}`),
      (answer) => answer.status === 200 && answer.body.status !== 'running',
    );
    expect(stored.body).toMatchObject({ status: 'failed', tokens_charged: 0, error_code: 'provider_failed' });
    expect(stored.body.attempts).toHaveLength(3);
  });

  it.each(['missing_usage', 'hostile_usage'])(
    'to report a possible usage (%s), a marked estimate is charged, never above the reservation',
    async (mode) => {
      const user = await registerSomebody(stack.port, ACME);
      await setFault('openai', mode);
      const { status, body } = await run(user, {
        model: 'gpt-5.4-mini',
        prompt: 'What did that cost?',
        max_output_tokens: 50,
      });
      await reset();
      expect(status).toBe(201);
      expect(body.usage_source).toBe('estimated');
      expect(body.tokens_charged).toBeGreaterThan(0);
      expect(body.tokens_charged).toBeLessThanOrEqual(body.tokens_reserved);
    },
  );
});
