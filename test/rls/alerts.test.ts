import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import { checkTenantAlerts } from '../../worker/alerts/check-tenant.ts';
import { dismissAlert, listAlerts, saveAlertSettings } from '../../worker/db/alerts/alerts.ts';
import { changeAlertRules, getAlertRules } from '../../worker/db/alerts/rules.ts';
import { saveFindings } from '../../worker/db/ledger/wallet-records.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, refused } from './governed-world.ts';
import { entriesOf, messagesOf } from './journal-entries.ts';
import { startWebhookWorld } from './webhook-world.ts';

const world = await startWebhookWorld();
const { own, owner, worker, claims, deps, arrive, deliver, mailed, woken } = world;
afterAll(() => world.stop());

const page = { limit: 100 };
const seenBy = async (user_id: string) =>
  got(await listAlerts(worker, claimsOf({ tenant_id: own.tenant_id, user_id }), page));

const grant = { kind: 'credit', operation_id: 'first', amount: 1_000, lifetime: 1_000 } as const;
const spend = (amount: number, thresholds_crossed: number[] = []) =>
  [
    { kind: 'reserve', operation_id: `r${amount}`, amount, reserved: amount },
    {
      kind: 'debit',
      operation_id: `d${amount}`,
      amount,
      lifetime: -amount,
      reserved: -amount,
      thresholds_crossed,
    },
  ] as const;

describe('a low balance', () => {
  it('alerts its user once for each threshold, by the app and by mail, until tokens are added', async () => {
    const user_id = await world.newUser();
    const wallet = { tenant_id: own.tenant_id, user_id };
    const entries = entriesOf(wallet, [
      grant,
      ...spend(800, [50, 80]),
      { ...grant, operation_id: 'second' },
      ...spend(900, [80]),
    ]);
    const [before, again] = [
      messagesOf({ wallet, entries: entries.slice(0, 3) }),
      messagesOf({ wallet, entries: entries.slice(3, 4) }),
    ];
    const data = { user_id, balance: 200, threshold_percent: 80 };
    expect((await arrive(before))?.mails).toEqual([{ user_id, kind: 'low_balance', data }]);
    expect(await arrive(before)).toBeUndefined();
    expect(await seenBy(user_id)).toMatchObject({
      unread: 1,
      items: [{ kind: 'low_balance', data, ended_at: null }],
    });
    expect((await seenBy(claims.userId)).items).toEqual([]);
    await arrive(again);
    expect(await seenBy(user_id)).toMatchObject({ unread: 0, items: [{ ended_at: expect.any(String) }] });
    // The message with the first one arrives once more, after the cause has gone.
    expect(await arrive(before)).toBeUndefined();
    await arrive(messagesOf({ wallet, entries: entries.slice(4) }));
    expect(await seenBy(user_id)).toMatchObject({ unread: 1, items: [{ ended_at: null }, {}] });
  });

  it('that a later grant has ended already alerts nobody, in whatever order the entries arrive', async () => {
    const user_id = await world.newUser();
    const wallet = { tenant_id: own.tenant_id, user_id };
    const entries = entriesOf(wallet, [grant, ...spend(800, [80]), { ...grant, operation_id: 'second' }]);
    for (const message of messagesOf({ wallet, entries }, 1).reverse()) await arrive([message]);
    expect((await seenBy(user_id)).items).toEqual([]);
  });

  it('is not mailed to a user who has turned that off, and alerts nobody where the rule is off', async () => {
    const user_id = await world.newUser();
    const user = claimsOf({ tenant_id: own.tenant_id, user_id });
    expect(got(await saveAlertSettings(worker, user, ['budget'])).mail).toEqual(['budget']);
    const wallet = { tenant_id: own.tenant_id, user_id };
    const entries = entriesOf(wallet, [grant, ...spend(800, [80]), ...spend(150, [95])]);
    expect(await arrive(messagesOf({ wallet, entries: entries.slice(0, 3) }))).toBeUndefined();
    expect((await seenBy(user_id)).unread).toBe(1);
    got(await changeAlertRules(worker, claims, { low_balance: false }, 'a test'));
    await arrive(messagesOf({ wallet, entries: entries.slice(3) }));
    expect((await seenBy(user_id)).unread).toBe(1);
    got(await changeAlertRules(worker, claims, { low_balance: true }, 'a test'));
  });
});

it('the budget alerts admins at its thresholds, when next to nothing is left, and not where it only monitors', async () => {
  const wallet = tenantWallet(own.tenant_id);
  const entries = entriesOf(wallet, [
    { ...grant, amount: 1_000_000, lifetime: 1_000_000 },
    ...spend(800_000, [80]),
    ...spend(195_000, [95]),
    ...spend(1_000),
  ]);
  const { id, receiver } = await world.listen(['tenant.budget.threshold']);
  const told = await arrive(messagesOf({ wallet, entries }, 100));
  expect(told?.mails.map(({ data }) => data.threshold_percent).sort()).toEqual([100, 80, 95]);
  expect(new Set(told?.mails.map(({ user_id }) => user_id))).toEqual(new Set([claims.userId]));
  await deliver(id);
  expect((await receiver.received()).map(({ body }) => JSON.parse(body).data)).toContainEqual({
    threshold_percent: 80,
    left_micro_usd: 200_000,
  });
  expect(await seenBy(own.user_id)).toMatchObject({ items: [] });
  const { items } = await seenBy(claims.userId);
  expect(items.map(({ kind }) => kind)).toEqual(['budget', 'budget', 'budget']);
  await owner.query('delete from alerts');
  await owner.query(`update tenant_budgets set enforcement = 'monitor' where tenant_id = $1`, [
    own.tenant_id,
  ]);
  expect(await arrive(messagesOf({ wallet, entries }, 100))).toBeUndefined();
  await owner.query(`update tenant_budgets set enforcement = 'hard' where tenant_id = $1`, [own.tenant_id]);
});

it('a difference alerts once, and ends with the check that finds none', async () => {
  await owner.query('delete from alerts');
  const wallet = { tenant_id: own.tenant_id, user_id: own.user_id };
  const difference = { kind: 'hash_broken', seq: 3, field: null, expected: null, found: null };
  const findings = {
    ...{ status: 'different' as const, checkpoint: { seq: 0 } as never, wallet_seq: 3, acknowledged: [] },
    ...{ differences: [difference as never], repaired_through_seq: 0, repaired_checkpoint: null },
    checked_at: new Date().toISOString(),
  };
  const told = await saveFindings(worker, wallet, findings);
  expect(told?.mails).toMatchObject([
    { kind: 'difference', data: { user_id: own.user_id, differences: ['hash_broken'] } },
  ]);
  expect(await saveFindings(worker, wallet, findings, 'different')).toBeNull();
  expect((await seenBy(claims.userId)).unread).toBe(1);
  await saveFindings(worker, wallet, { ...findings, status: 'ok', differences: [] }, 'different');
  expect((await seenBy(claims.userId)).unread).toBe(0);
});

describe('the hourly check', () => {
  const usage = (days_ago: number, micro_usd: number) =>
    owner.query(
      `insert into daily_usage (tenant_id, day, model, provider_id, key_owner, wholesale_micro_usd)
       values ($1, (now() at time zone 'UTC')::date - $2::integer, 'auto', $4, 'platform', $3)
       on conflict (tenant_id, day, model, provider_id, key_owner) do update set wholesale_micro_usd = excluded.wholesale_micro_usd`,
      [own.tenant_id, days_ago, micro_usd, '00000000-0000-0000-0000-000000000000'],
    );
  const calls = (failures: number) =>
    owner.query(
      `insert into provider_calls (tenant_id, provider_id, slot, hour, calls, failures, last_failure, last_failed_at_ms)
       select $1, $2, h % 48, h, 20, $3, 'unavailable', 1 from (select floor(extract(epoch from now()) / 3600)::integer as h) now
       on conflict (tenant_id, provider_id, slot) do update set failures = excluded.failures`,
      [own.tenant_id, own.provider_id, failures],
    );
  const kinds = async () =>
    (await seenBy(claims.userId)).items.filter((one) => one.ended_at === null).map(({ kind }) => kind);

  it('finds unusual spend and failing providers once, in one round trip while nothing changes, and ends both', async () => {
    await owner.query('delete from alerts');
    for (let day = 1; day <= 28; day += 1) await usage(day, 1_000_000 + (day % 3) * 100_000);
    await usage(0, 1_200_000);
    await calls(3);
    await checkTenantAlerts(deps, own.tenant_id);
    expect(await kinds()).toEqual([]);
    await usage(0, 9_000_000);
    await calls(15);
    mailed.length = 0;
    await checkTenantAlerts(deps, own.tenant_id);
    expect((await kinds()).sort()).toEqual(['provider_failing', 'unusual_spend']);
    expect(mailed.map(({ body }) => body.mail)).toMatchObject([
      { template: 'alert', user_id: claims.userId },
      { template: 'alert', user_id: claims.userId },
    ]);
    expect(await roundTripsOf(world.database, () => checkTenantAlerts(deps, own.tenant_id))).toBe(1);
    expect(mailed).toHaveLength(2);
    await usage(0, 1_000_000);
    await calls(0);
    await checkTenantAlerts(deps, own.tenant_id);
    expect(await kinds()).toEqual([]);
  });

  it('wakes endpoints whose deliveries are overdue, and deletes what is old', async () => {
    const { id } = await world.listen();
    await arrive(await world.creditsOf(1));
    await owner.query(
      `update webhook_deliveries set next_at = now() - interval '1 hour' where endpoint_id = $1`,
      [id],
    );
    woken.length = 0;
    await checkTenantAlerts(deps, own.tenant_id);
    expect(woken.map(({ body }) => body.endpoint_id)).toEqual([id]);
    await owner.query(
      `update webhook_events set created_at = now() - interval '31 days' where tenant_id = $1`,
      [own.tenant_id],
    );
    await checkTenantAlerts(deps, own.tenant_id);
    const { rows } = await owner.query('select from webhook_deliveries where endpoint_id = $1', [id]);
    expect(rows).toEqual([]);
  });
});

describe('alerts and their rules', () => {
  it('are dismissed for oneself alone, and only where one sees them', async () => {
    const id = uuidv7();
    await owner.query(
      `insert into alerts (tenant_id, id, kind, subject, data) values ($1, $2, 'difference', $2, '{}')`,
      [own.tenant_id, id],
    );
    expect(await dismissAlert(worker, claimsOf(own), id)).toEqual(refused('not_found'));
    const { unread } = await seenBy(claims.userId);
    got(await dismissAlert(worker, claims, id));
    got(await dismissAlert(worker, claims, id));
    expect((await seenBy(claims.userId)).unread).toBe(unread - 1);
  });

  it('are for admins, and each change of a rule is in the audit log', async () => {
    expect(await getAlertRules(worker, claimsOf(own))).toEqual(refused('forbidden'));
    expect(await changeAlertRules(worker, claimsOf(own), { budget: false }, 'a test')).toEqual(
      refused('forbidden'),
    );
    got(await changeAlertRules(worker, claims, { provider_failing_percent: 25 }, 'a request'));
    expect(got(await getAlertRules(worker, claims))).toMatchObject({
      provider_failing_percent: 25,
      budget: true,
    });
    const { rows } = await owner.query(
      `select details -> 'after' ->> 'provider_failing_percent' as percent from audit_log
       where action = 'tenant.alert_rules_changed' and request_id = 'a request'`,
    );
    expect(rows).toEqual([{ percent: '25' }]);
  });
});
