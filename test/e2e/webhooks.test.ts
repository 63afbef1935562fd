import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { isSignedBy } from '../../dev/simulators/webhooks/receiver.ts';
import { ACME, GLOBEX, refusal } from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, signIn } from '../support/demo.ts';
import { requestJson } from '../support/http.ts';
import { openReceiver } from '../support/webhook-receiver.ts';

const { port, simulatorOrigin } = inject('stack');
const admin = await signIn(port, ACME, 'admin@acme.test');
const WEBHOOKS = '/api/tenant/webhooks';

const body = (url: string, event_types = ['wallet.credited']) => ({ url, event_types });

async function listen(event_types: string[], by: Client = admin) {
  const receiver = openReceiver(simulatorOrigin, randomUUID());
  const made = await by.post(WEBHOOKS, body(receiver.url, event_types));
  expect(made.status).toBe(201);
  return { receiver, ...(made.body as { id: string; secret: string }) };
}

describe('webhooks of a tenant', () => {
  it('tell the end of an execution in the background, signed, once it can be fetched', async () => {
    const { id, secret, receiver } = await listen(['execution.completed', 'execution.failed']);
    const user = await registerSomebody(port, ACME);
    const request = { model: 'gpt-5.4-mini', prompt: 'A secret question.', background: true };
    const { body: execution } = await user.post('/api/ai/executions', request);
    const [event] = await eventually(receiver.received, ({ length }) => length > 0, 60_000);
    if (event === undefined) throw new Error('Nothing arrived');
    expect(isSignedBy(secret, event)).toBe(true);
    expect(event.body).not.toContain('secret question');
    const told = JSON.parse(event.body);
    expect(told).toMatchObject({
      type: 'execution.completed',
      data: { execution_id: execution.id, user_id: user.userId },
    });
    const { body: fetched } = await user.get(`/api/ai/executions/${execution.id}`);
    expect(fetched).toMatchObject({ status: 'succeeded', tokens_charged: told.data.tokens_charged });
    const log = await eventually(
      async () => (await admin.get(`${WEBHOOKS}/${id}/deliveries`)).body.items,
      ([first]) => first?.status === 'delivered',
    );
    expect(log).toMatchObject([{ event_id: event.id, attempts: 1, last_status: 200 }]);
    expect(await admin.post(`${WEBHOOKS}/${id}/deliveries/${event.id}/replay`)).toMatchObject({
      status: 202,
    });
    const twice = await eventually(receiver.received, ({ length }) => length > 1);
    expect(twice.map((one) => one.id)).toEqual([event.id, event.id]);
    await admin.delete(`${WEBHOOKS}/${id}`);
  });

  it('try again by themselves after a failure', async () => {
    const { id, receiver } = await listen(['wallet.credited']);
    await receiver.behave('error', 1);
    const user = await registerSomebody(port, ACME);
    const credit = { amount: 10, reason: 'A test' };
    await admin.post(`/api/users/${user.userId}/wallet/credits`, credit, { 'idempotency-key': randomUUID() });
    const received = await eventually(
      receiver.received,
      (all) => all.some(({ answered }) => answered === 'ok'),
      60_000,
    );
    expect(received[0]).toMatchObject({ answered: 'error' });
    expect(received.find(({ answered }) => answered === 'ok')?.id).toBe(received[0]?.id);
    await admin.delete(`${WEBHOOKS}/${id}`);
  });

  it.each([
    ['http://hooks.example.com/', 'must begin with https://'],
    ['https://127.0.0.1.nip.internal/', 'must be a public host name'],
    ['https://169.254.169.254/latest', 'must name a host, not an address'],
    ['https://metadata.google.internal/', 'must be a public host name'],
    ['https://a:b@hooks.example.com/', 'must not hold a user name or a password'],
  ])('are not sent to %s', async (url, rule) => {
    const details = { field: 'url', rule };
    expect(await admin.post(WEBHOOKS, body(url))).toMatchObject({
      status: 400,
      body: { error: { details } },
    });
  });

  it('are refused with the field that is wrong, and found by their own tenant only', async () => {
    const { id } = await listen(['wallet.credited']);
    for (const wrong of [
      {},
      body('https://hooks.example.com', []),
      body('https://hooks.example.com', ['no.such']),
      { ...body('x'), more: 1 },
    ])
      expect(await admin.post(WEBHOOKS, wrong)).toMatchObject(refusal(400, 'invalid_request'));
    const abroad = await signIn(port, GLOBEX, 'admin@globex.test');
    expect(await abroad.patch(`${WEBHOOKS}/${id}`, { enabled: false })).toMatchObject(
      refusal(404, 'not_found'),
    );
    expect(await abroad.get(`${WEBHOOKS}/${id}/deliveries`)).toMatchObject(refusal(404, 'not_found'));
    const user = await registerSomebody(port, ACME);
    expect(await user.get(WEBHOOKS)).toMatchObject(refusal(403, 'forbidden'));
    expect(JSON.stringify((await admin.get(WEBHOOKS)).body)).not.toContain('whsec_');
    expect((await admin.delete(`${WEBHOOKS}/${id}`)).status).toBe(204);
    expect(await admin.delete(`${WEBHOOKS}/${id}`)).toMatchObject(refusal(404, 'not_found'));
  });

  it('are managed by a key with the scope, and by no other', async () => {
    const keyOf = async (scopes: string[]) =>
      (await admin.post('/api/management-keys', { name: randomUUID(), scopes })).body.secret as string;
    const as = async (scopes: string[]) => {
      const authorization = `Bearer ${await keyOf(scopes)}`;
      return requestJson(port, ACME, WEBHOOKS, {
        headers: { authorization },
        method: 'POST',
        body: body('https://hooks.example.com/a'),
      });
    };
    expect(await as(['usage:read'])).toMatchObject(refusal(403, 'forbidden'));
    const made = await as(['webhooks:manage']);
    expect(made).toMatchObject({
      status: 201,
      body: { secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/) },
    });
    await admin.delete(`${WEBHOOKS}/${made.body.id}`);
  });
});

describe('alerts', () => {
  it('have settings of their user and rules of the tenant, each refused with the field that is wrong', async () => {
    const user = await registerSomebody(port, ACME);
    expect((await user.get('/api/alerts')).body).toEqual({ items: [], next_cursor: null, unread: 0 });
    expect((await user.put('/api/alerts/settings', { mail: [] })).body).toEqual({ mail: [] });
    expect(await user.put('/api/alerts/settings', { mail: ['rain'] })).toMatchObject(
      refusal(400, 'invalid_request'),
    );
    expect(await user.get('/api/tenant/alert-rules')).toMatchObject(refusal(403, 'forbidden'));
    expect(await user.post(`/api/alerts/${randomUUID()}/dismiss`)).toMatchObject(refusal(404, 'not_found'));
    expect(await admin.patch('/api/tenant/alert-rules', { provider_failing_percent: 101 })).toMatchObject(
      refusal(400, 'invalid_request'),
    );
    const changed = await admin.patch('/api/tenant/alert-rules', { provider_failing_min_calls: 20 });
    expect(changed).toMatchObject({ status: 200, body: { provider_failing_min_calls: 20, budget: true } });
  });
});
