import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isSignedBy } from '../../dev/simulators/webhooks/receiver.ts';
import { saveNews } from '../../worker/db/alerts/tell.ts';
import { listWebhookDeliveries } from '../../worker/db/webhooks/deliveries.ts';
import { listWebhookEndpoints } from '../../worker/db/webhooks/endpoints.ts';
import { changeWebhook, replayEvent, rotateWebhook } from '../../worker/webhooks/manage-endpoints.ts';
import { ATTEMPTS_MAX } from '../../worker/webhooks/schedule.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, refused } from './governed-world.ts';
import { entriesOf, messagesOf, outcomeOf, runOf, startOf } from './journal-entries.ts';
import { startWebhookWorld } from './webhook-world.ts';

const world = await startWebhookWorld();
const { own, foreign, owner, worker, claims, deps, listen, creditsOf, arrive, deliver } = world;
afterAll(() => world.stop());
afterEach(() => owner.query('delete from webhook_endpoints'));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const count = async (table: string) =>
  (await owner.query(`select count(*)::int as count from ${table} where tenant_id = $1`, [own.tenant_id]))
    .rows[0].count;
const logOf = async (id: string, query = {}) =>
  got(await listWebhookDeliveries(worker, claims, id, { limit: 100, ...query })).items;
const endpointOf = async (id: string) =>
  got(await listWebhookEndpoints(worker, claims)).find((one) => one.id === id);

describe('an event', () => {
  it('is not written while no endpoint wants its type, and none costs a round trip more', async () => {
    const before = await count('webhook_events');
    const { id } = await listen(['usage.unusual']);
    const messages = await creditsOf(3);
    expect(await roundTripsOf(world.database, () => arrive(messages))).toBe(1);
    expect(await count('webhook_events')).toBe(before);
    expect(await deliver(id)).toMatchObject({ claimed: 0 });
  });

  it('is posted once, signed, with ids and figures; a repeated message of the journal changes nothing', async () => {
    const { id, secret, receiver } = await listen();
    const messages = await creditsOf(1);
    const told = await arrive(messages);
    expect(told).toEqual({ tenant_id: own.tenant_id, endpoint_ids: [id], mails: [] });
    // The wake-up may be lost: it is told until somebody begins.
    expect(await arrive(messages)).toEqual(told);
    await deliver(id);
    expect(await arrive(messages)).toBeUndefined();
    await deliver(id);
    const [only, ...others] = await receiver.received();
    expect(others).toEqual([]);
    if (only === undefined) throw new Error('Nothing arrived');
    expect(isSignedBy(secret, only)).toBe(true);
    expect(isSignedBy(secret, { ...only, body: `${only.body} ` })).toBe(false);
    expect(JSON.parse(only.body)).toEqual({
      type: 'wallet.credited',
      timestamp: '2026-11-23T12:00:00.000Z',
      data: { user_id: messages[0]?.wallet.user_id, amount: 10, balance: 10, reference: null },
    });
    expect(await logOf(id)).toMatchObject([
      { event_id: only.id, status: 'delivered', attempts: 1, last_status: 200, last_error: null },
    ]);
  });

  it('tells the end of an execution in the background, without prompt and answer, and of no other', async () => {
    const { id, receiver } = await listen(['execution.completed', 'execution.failed']);
    const wallet = { tenant_id: own.tenant_id, user_id: await world.newUser() };
    const [inside, front, failed] = [uuidv7(), uuidv7(), uuidv7()];
    for (const execution of [inside, failed])
      await owner.query(
        `insert into ai_execution_contents (tenant_id, execution_id, user_id, input, output, in_background)
         values ($1, $2, $3, '"a secret prompt"', '"a secret answer"', true)`,
        [wallet.tenant_id, execution, wallet.user_id],
      );
    const grant = { kind: 'allocation', operation_id: 'allocation', amount: 1_000, lifetime: 1_000 } as const;
    const ends = [inside, front, failed].flatMap((one) => [
      {
        kind: 'reserve' as const,
        operation_id: one,
        amount: 50,
        reserved: 50,
        execution_start: startOf(one),
      },
      {
        ...{ kind: one === failed ? ('release' as const) : ('debit' as const), operation_id: one },
        ...{ amount: one === failed ? 0 : 20, lifetime: one === failed ? 0 : -20, reserved: -50 },
        execution_outcome: outcomeOf(one, one === failed ? 'failed' : 'succeeded'),
      },
    ]);
    await arrive(messagesOf({ wallet, entries: entriesOf(wallet, [grant, ...ends]) }, 100));
    await deliver(id);
    const bodies = (await receiver.received()).map(({ body }) => body);
    expect(bodies.join()).not.toContain('secret');
    expect(
      bodies.map((body) => JSON.parse(body)).sort((one, other) => one.type.localeCompare(other.type)),
    ).toMatchObject([
      {
        type: 'execution.completed',
        data: { execution_id: inside, status: 'succeeded', tokens_charged: 20, model: 'auto' },
      },
      { type: 'execution.failed', data: { execution_id: failed, status: 'failed', tokens_charged: 0 } },
    ]);
  });

  it('goes to each endpoint that wants it, fifty at once, each once', async () => {
    const [one, other] = [await listen(), await listen()];
    await arrive(await creditsOf(50));
    const consumers = [one.id, one.id, other.id].map((id) => deliver(id));
    await Promise.all(consumers);
    for (const { receiver } of [one, other]) {
      const ids = (await receiver.received()).map(({ id }) => id);
      expect(ids).toHaveLength(50);
      expect(new Set(ids).size).toBe(50);
    }
  });

  it('waits for an endpoint alone: one that hangs holds up no other', async () => {
    const [slow, quick] = [await listen(), await listen()];
    await arrive(await creditsOf(1));
    const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
    const fetch = async () => {
      await hanging;
      return new Response(null, { status: 200 });
    };
    const slowly = deliver(slow.id, undefined, { fetch });
    await deliver(quick.id);
    expect(await quick.receiver.received()).toHaveLength(1);
    release();
    await slowly;
  });
});

describe('an endpoint that fails', () => {
  it('is tried ten times in three days with the same id and body, then the delivery is given up', async () => {
    const { id, receiver, secret } = await listen();
    await receiver.behave('error');
    await arrive(await creditsOf(1));
    let at_ms = Date.now() + 1_000;
    const begun_ms = at_ms;
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1) {
      const { waits_s } = await deliver(id, at_ms);
      expect(waits_s).toHaveLength(1);
      // Nobody asks earlier.
      expect(await deliver(id, at_ms + (waits_s[0] ?? 0) * 1_000 - 1)).toMatchObject({ claimed: 0 });
      at_ms += (waits_s[0] ?? 0) * 1_000;
    }
    expect(at_ms - begun_ms).toBeGreaterThan(2.8 * DAY_MS);
    expect(await deliver(id, at_ms)).toMatchObject({ claimed: 1, waits_s: [] });
    const received = await receiver.received();
    expect(received).toHaveLength(ATTEMPTS_MAX);
    expect(new Set(received.map((one) => `${one.id} ${one.body}`)).size).toBe(1);
    for (const one of received) expect(isSignedBy(secret, one)).toBe(true);
    expect(await logOf(id)).toMatchObject([
      {
        status: 'failed',
        attempts: ATTEMPTS_MAX,
        last_status: 500,
        last_error: 'status',
        next_attempt_at: null,
      },
    ]);
  });

  it('gets what it missed, and is no longer failing, once it answers', async () => {
    const { id, receiver } = await listen();
    await receiver.behave('error', 1);
    await arrive(await creditsOf(1));
    await deliver(id);
    expect(await endpointOf(id)).toMatchObject({ failing_since: expect.any(String), enabled: true });
    await deliver(id, Date.now() + 10_000);
    expect(await endpointOf(id)).toMatchObject({ failing_since: null });
    expect(await logOf(id, { status: 'delivered' })).toMatchObject([{ attempts: 2 }]);
    expect(await logOf(id, { status: 'pending' })).toEqual([]);
  });

  it('is not followed when it redirects, and a huge answer is not read', async () => {
    const { id, receiver } = await listen();
    await receiver.behave('redirect', 1);
    await arrive(await creditsOf(1));
    await deliver(id);
    expect(await logOf(id)).toMatchObject([{ status: 'pending', last_error: 'redirect' }]);
    await receiver.behave('huge', 1);
    await deliver(id, Date.now() + 10_000);
    expect(await logOf(id)).toMatchObject([{ status: 'delivered' }]);
    expect(await receiver.received()).toHaveLength(2);
  });

  it('is disabled at once when it answers 410, with everything that waits for it', async () => {
    const { id, receiver } = await listen();
    await receiver.behave('gone', 1);
    await arrive(await creditsOf(2));
    const { disabled } = await deliver(id);
    expect(disabled).toMatchObject({ reason: 'gone', user_ids: expect.arrayContaining([claims.userId]) });
    expect(await endpointOf(id)).toMatchObject({ enabled: false, disabled_reason: 'gone' });
    expect(await logOf(id, { status: 'pending' })).toEqual([]);
    expect(await arrive(await creditsOf(1))).toBeUndefined();
  });

  it('is disabled after five days without a success, and its admins are named; enabling it begins anew', async () => {
    const { id, receiver } = await listen();
    await receiver.behave('error');
    const start_ms = Date.now() + 1_000;
    await arrive(await creditsOf(1));
    expect((await deliver(id, start_ms)).disabled).toBeNull();
    expect((await deliver(id, start_ms + 4.9 * DAY_MS)).disabled).toBeNull();
    const { disabled, waits_s } = await deliver(id, start_ms + 5.5 * DAY_MS);
    expect(disabled).toMatchObject({ reason: 'failing', url: receiver.url });
    expect(waits_s).toEqual([]);
    expect(await logOf(id)).toMatchObject([{ status: 'failed', last_error: 'disabled' }]);
    const [{ event_id } = { event_id: '' }] = await logOf(id);
    expect(await replayEvent(deps, claims, id, event_id)).toEqual(refused('webhook_disabled'));
    const enabled = got(await changeWebhook(deps, claims, id, { enabled: true }));
    expect(enabled).toMatchObject({ enabled: true, disabled_reason: null, failing_since: null });
  });

  it('is not asked while its URL breaks a rule that came later', async () => {
    const { id, receiver } = await listen();
    await arrive(await creditsOf(1));
    const settings = { ...deps.settings, ALLOW_LOCAL_BASE_URLS: false };
    await deliver(id, undefined, { settings });
    expect(await receiver.received()).toEqual([]);
    expect(await logOf(id)).toMatchObject([{ last_error: 'refused_url', status: 'pending' }]);
  });
});

describe('a delivery', () => {
  it('is made again on demand, with the same id', async () => {
    const { id, receiver } = await listen();
    await arrive(await creditsOf(1));
    await deliver(id);
    const [{ event_id } = { event_id: '' }] = await logOf(id);
    expect(got(await replayEvent(deps, claims, id, event_id))).toMatchObject({
      status: 'pending',
      attempts: 0,
    });
    await deliver(id, Date.now() + 1_000);
    const ids = (await receiver.received()).map((one) => one.id);
    expect(ids).toEqual([event_id, event_id]);
    expect(await replayEvent(deps, claims, id, uuidv7())).toEqual(refused('not_found'));
  });

  it('is signed with both secrets for a day after a rotation, then with the new one alone', async () => {
    const { id, receiver, secret } = await listen();
    const rotated = got(await rotateWebhook(deps, claims, id));
    expect(rotated.secret).not.toBe(secret);
    await arrive(await creditsOf(1));
    await deliver(id);
    await arrive(await creditsOf(1));
    await deliver(id, Date.now() + 25 * HOUR_MS);
    const [first, second] = await receiver.received();
    if (first === undefined || second === undefined) throw new Error('Two events were sent');
    expect([isSignedBy(secret, first), isSignedBy(rotated.secret, first)]).toEqual([true, true]);
    expect([isSignedBy(secret, second), isSignedBy(rotated.secret, second)]).toEqual([false, true]);
  });
});

describe('another tenant', () => {
  beforeAll(() => owner.query(`update users set role = 'admin' where id = $1`, [foreign.user_id]));

  it('neither sees, changes, replays nor wakes an endpoint', async () => {
    const { id, receiver } = await listen();
    await arrive(await creditsOf(1));
    const abroad = claimsOf(foreign);
    expect(await listWebhookDeliveries(worker, abroad, id, { limit: 10 })).toEqual(refused('not_found'));
    expect(got(await listWebhookEndpoints(worker, abroad)).map((one) => one.id)).not.toContain(id);
    expect(await changeWebhook(deps, abroad, id, { enabled: false })).toEqual(refused('not_found'));
    expect(await rotateWebhook(deps, abroad, id)).toEqual(refused('not_found'));
    expect(await deliver(id, undefined, {}, foreign.tenant_id)).toMatchObject({ claimed: 0 });
    expect(await receiver.received()).toEqual([]);
  });

  it('is told nothing of the first one', async () => {
    const abroad = claimsOf(foreign);
    const { id, receiver } = await listen(['wallet.credited'], abroad);
    expect(await arrive(await creditsOf(1))).toBeUndefined();
    await deliver(id, undefined, {}, foreign.tenant_id);
    expect(await receiver.received()).toEqual([]);
  });
});

it('plain users manage no webhooks', async () => {
  const user = claimsOf(own);
  expect(await listWebhookEndpoints(worker, user)).toEqual(refused('forbidden'));
  expect(await rotateWebhook(deps, user, uuidv7())).toEqual(refused('forbidden'));
});

it('a tenant has at most ten endpoints, however many are created at once', async () => {
  const made = await Promise.allSettled(Array.from({ length: 14 }, () => listen()));
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(await count('webhook_endpoints')).toBe(10);
});

it('a batch of many executions tells each end once, whatever the order of messages', async () => {
  const { id } = await listen(['execution.completed']);
  const run = runOf({ tenant_id: own.tenant_id, user_id: await world.newUser() }, 20);
  await owner.query(
    `insert into ai_execution_contents (tenant_id, execution_id, user_id, input, in_background)
     select $1, unnest($2::uuid[]), $3, '""', true`,
    [own.tenant_id, run.execution_ids, run.wallet.user_id],
  );
  for (const message of messagesOf(run, 5).reverse()) await arrive([message]);
  expect((await logOf(id)).map(({ data }) => data.execution_id).sort()).toEqual(
    [...run.execution_ids].sort(),
  );
  expect(await saveNews(worker, own.tenant_id, { candidates: [], ended: [] })).toBeNull();
});
