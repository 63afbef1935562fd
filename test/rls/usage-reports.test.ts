import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManagementKeyRequest } from '../../contracts/api/tenant/management-keys.ts';
import {
  type UsageItem,
  type UsageReportFilter,
  usageReportParams,
  usageSums,
} from '../../contracts/api/usage.ts';
import { fingerprintOf, newManagementKey } from '../../worker/api-keys/secret.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { insertManagementKey } from '../../worker/db/tenants/management-keys.ts';
import { listUsageItems, readUsageItems, readUsageSummary } from '../../worker/db/usage/usage-report.ts';
import type { UsageReader } from '../../worker/db/usage/usage-source.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import { appliedPrice, messagesOf } from './journal-entries.ts';
import { type Ending, lifeOf } from './wallet-life.ts';
import { PLATFORM_ID } from './world.ts';

/** Reports of usage, by the caller. */

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, platform, admin, superadmin, platformAdmin } = world;
afterAll(() => database.stop());

const period = { from: '2026-11-20', to: '2026-11-26' };
const report = (group_by: string, more: Partial<UsageReportFilter> = {}): UsageReportFilter => ({
  ...{ ...period, group_by, order: 'desc' },
  ...more,
});

const noon = Date.parse('2026-11-23T12:00:00Z');
const ownKey = { ...appliedPrice, cost_list: 'tenant' as const };
const call = {
  ...{ provider_kind: 'openai' as const, provider_name: 'OpenAI', provider_model: 'm', failure: null },
  ...{ provider_id: platform.provider_id, started_at_ms: noon, latency_ms: 1 },
};
const onPlatform: Ending = {
  ...{ price: appliedPrice, cost_micro_usd: 100, wholesale_micro_usd: 150, attempts: [call] },
};
const onOwnKey: Ending = {
  ...{ price: ownKey, cost_micro_usd: 1_000, wholesale_micro_usd: 3 },
  attempts: [{ ...call, provider_id: own.provider_id, provider_name: 'Own' }],
};
const at = (time: string, ending: Ending): Ending => ({ ...ending, finished_at_ms: Date.parse(time) });

const api_key_id = uuidv7();
const people: Record<'ada' | 'bob' | 'eve', { tenant_id: string; user_id: string }> = {
  ...{ ada: own, bob: own, eve: foreign },
};

beforeAll(async () => {
  const lives = {
    ada: await lifeOf(
      ...([owner, own] as const),
      [
        at('2026-11-23T12:00:05Z', onPlatform),
        at('2026-11-23T14:00:00Z', { ...onPlatform, model: 'large' }),
        at('2026-11-24T00:00:00Z', onOwnKey),
      ],
      { level_id: own.level_id },
    ),
    bob: await lifeOf(owner, own, [at('2026-11-23T12:00:10Z', { ...onPlatform, first_token_ms: 900 })], {
      api_key_id,
    }),
    eve: await lifeOf(owner, foreign, [
      at('2026-11-23T12:30:00Z', onPlatform),
      at('2026-11-15T12:30:00Z', onPlatform),
    ]),
    platform: await lifeOf(owner, platform, [at('2026-11-25T12:30:00Z', onPlatform)]),
  };
  for (const [name, life] of Object.entries(lives)) {
    got(await projectJournal(worker, messagesOf(life)));
    if (name in people) people[name as keyof typeof people] = life.wallet;
  }
  await insertRow(owner, 'api_keys', {
    ...people.bob,
    ...{ id: api_key_id, name: 'The shop', prefix: 'vk_live', key_hash: randomBytes(32) },
  });
});

const asUser = (name: keyof typeof people) => claimsOf(people[name]);
const read = async (reader: UsageReader, filter: UsageReportFilter) =>
  got(await readUsageItems(worker, reader, filter, 100));
const figuresOf = (items: UsageItem[], ...names: (keyof UsageItem)[]) =>
  items.map((item) => names.map((name) => item[name]));

async function managementKey(scope: 'usage:read' | 'users:read'): Promise<UsageReader> {
  const secret = newManagementKey();
  const request = createManagementKeyRequest.parse({ name: uuidv7(), scopes: [scope] });
  const { id } = got(await insertManagementKey(worker, admin, request, fingerprintOf(secret), uuidv7()));
  return {
    ...{ tenantId: own.tenant_id, managementKeyHash: fingerprintOf(secret).hash, managementKeyId: id },
  };
}

describe('usage', () => {
  it('of a tenant has what it is charged and what its own keys cost, for admins, by any group', async () => {
    expect(
      figuresOf(
        await read(admin, report('model')),
        ...(['model', 'executions', 'wallet_tokens', 'revenue_micro_usd', 'own_key_cost_micro_usd'] as const),
      ),
    ).toEqual([
      ['auto', 3, 60, 303, 1_000],
      ['large', 1, 20, 150, 0],
    ]);
    const days = await read(admin, report('day'));
    expect(figuresOf(days, 'day', 'executions')).toEqual([
      ['2026-11-24', 1],
      ['2026-11-23', 3],
    ]);
    expect(figuresOf(days, 'cost_micro_usd', 'margin_micro_usd')).toEqual([
      [null, null],
      [null, null],
    ]);
    const users = await read(admin, report('user', { sort: 'executions' }));
    expect(users.map(({ user, executions }) => [user?.id, executions])).toEqual([
      [people.ada.user_id, 3],
      [people.bob.user_id, 1],
    ]);
    expect(users.every(({ user }) => user?.email.includes('@'))).toBe(true);
    expect(figuresOf(await read(admin, report('key')), 'api_key', 'executions')).toEqual([
      [null, 3],
      [{ id: api_key_id, name: 'The shop' }, 1],
    ]);
    const levels = await read(admin, report('level', { sort: 'executions' }));
    expect(levels.map(({ level, executions }) => [level?.id, executions])).toEqual([
      [own.level_id, 3],
      [undefined, 1],
    ]);
    const providers = await read(admin, report('provider', { sort: 'executions' }));
    expect(providers.map(({ provider, executions }) => [provider?.id, executions])).toEqual([
      [platform.provider_id, 3],
      [own.provider_id, 1],
    ]);
    expect(providers[0]?.provider?.name).toBe('OpenAI');
    expect(providers[1]?.provider?.name).not.toBe('Own');
  });

  it('is told by the hour, by two groups, and with percentiles', async () => {
    const hours = await read(admin, report('hour,model', { order: 'asc' }));
    expect(figuresOf(hours, 'hour', 'model', 'executions')).toEqual([
      ['2026-11-23T12:00:00.000Z', 'auto', 2],
      ['2026-11-23T14:00:00.000Z', 'large', 1],
      ['2026-11-24T00:00:00.000Z', 'auto', 1],
    ]);
    const latency = hours[0]?.latency_ms;
    expect(latency?.p50).toBeGreaterThan(5_000 / 1.05);
    expect(latency?.p50).toBeLessThan(5_000 * 1.05);
    expect(latency?.p99).toBeGreaterThan(10_000 / 1.05);
    expect(latency?.p99).toBeLessThan(10_000 * 1.05);
    expect(hours[1]?.first_token_ms).toBeNull();
    expect(hours[0]?.first_token_ms?.p95).toBeGreaterThan(900 / 1.05);
    expect(hours[0]?.first_token_ms?.p95).toBeLessThan(900 * 1.05);
  });

  const filters: [keyof UsageReportFilter, () => string, number][] = [
    ['user_id', () => people.bob.user_id, 1],
    ['api_key_id', () => api_key_id, 1],
    ['model', () => 'large', 1],
    ['provider_id', () => own.provider_id, 1],
    ['level_id', () => own.level_id, 3],
    ['tenant_id', () => own.tenant_id, 4],
  ];
  it.each(filters)('is filtered by %s', async (filter, value, executions) => {
    for (const group_by of ['day', 'hour', 'provider']) {
      const items = await read(admin, report(group_by, { [filter]: value() }));
      expect(items.reduce((sum, item) => sum + item.executions, 0)).toBe(executions);
    }
  });

  it('of a user is theirs alone, without money', async () => {
    for (const group_by of ['model', 'hour', 'user', 'provider']) {
      const items = await read(asUser('bob'), report(group_by));
      expect(figuresOf(items, 'executions', 'wallet_tokens')).toEqual([[1, 20]]);
      expect(
        figuresOf(
          items,
          ...(['revenue_micro_usd', 'cost_micro_usd', 'own_key_cost_micro_usd', 'margin_micro_usd'] as const),
        ),
      ).toEqual([[null, null, null, null]]);
    }
    expect(await read(asUser('bob'), report('day', { user_id: people.ada.user_id }))).toEqual([]);
    expect((await read(asUser('bob'), report('provider')))[0]?.provider?.name).toBe('OpenAI');
  });

  it('of a management key is that of its tenant with the scope, without money, else nothing', async () => {
    const [item] = await read(await managementKey('usage:read'), report('provider'));
    expect([item?.executions, item?.revenue_micro_usd, item?.own_key_cost_micro_usd]).toEqual([
      3,
      null,
      null,
    ]);
    expect(await read(await managementKey('users:read'), report('day'))).toEqual([]);
    expect(await read(await managementKey('users:read'), report('user'))).toEqual([]);
  });

  it('of all tenants is for superadmins, with cost and margin, and no revenue of the platform’s own tenant', async () => {
    const items = await read(superadmin, report('tenant', { sort: 'margin_micro_usd' }));
    expect(
      items.map(({ tenant, ...item }) => [
        ...[tenant?.id, item.executions, item.own_key_executions],
        ...[item.revenue_micro_usd, item.cost_micro_usd, item.margin_micro_usd],
      ]),
    ).toEqual([
      [own.tenant_id, 4, 1, 453, 300, 153],
      [foreign.tenant_id, 1, 0, 150, 100, 50],
      [PLATFORM_ID, 1, 0, 0, 100, -100],
    ]);
    const users = await read(superadmin, report('user', { tenant_id: foreign.tenant_id }));
    expect(users.map(({ user }) => user?.id)).toEqual([people.eve.user_id]);
    const list = (reader: UsageReader, filter: UsageReportFilter) =>
      readUsageItems(worker, reader, filter, 9);
    expect(await list(superadmin, report('user'))).toEqual(refused('needs_tenant'));
    expect(await list(superadmin, report('day', { level_id: own.level_id }))).toEqual(
      refused('needs_tenant'),
    );
    for (const reader of [admin, asUser('ada'), platformAdmin]) {
      expect(await list(reader, report('tenant'))).toEqual(refused('forbidden'));
      expect(await list(reader, report('day', { tenant_id: foreign.tenant_id }))).toEqual(
        refused('forbidden'),
      );
    }
    expect(figuresOf(await read(platformAdmin, report('day')), 'executions')).toEqual([[1]]);
  });

  it('is in one round trip, paged without a gap or a repetition by every figure', async () => {
    const params = (query: object) =>
      usageReportParams.parse({ ...period, group_by: 'hour,model', ...query });
    expect(await roundTripsOf(database, () => listUsageItems(worker, admin, params({})))).toBe(1);
    const keyOf = ({ hour, model }: UsageItem) => `${hour} ${model}`;
    const all = (await read(admin, report('hour,model'))).map(keyOf).sort();
    for (const order of ['asc', 'desc'])
      for (const sort of ['time', ...usageSums]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = got(await listUsageItems(worker, admin, params({ sort, order, cursor, limit: 1 })));
          seen.push(...page.items.map(keyOf));
          cursor = page.next_cursor ?? undefined;
        } while (cursor !== undefined);
        expect(seen.sort()).toEqual(all);
      }
    expect(await listUsageItems(worker, admin, params({ cursor: btoa('x') }))).toEqual(
      refused('invalid_cursor'),
    );
  });

  it('of a period stands beside that of the period before it, in one round trip', async () => {
    const summary = async () => got(await readUsageSummary(worker, superadmin, period));
    expect(await roundTripsOf(database, summary)).toBe(1);
    const { totals, previous } = await summary();
    expect([totals.executions, totals.margin_micro_usd]).toEqual([6, 103]);
    expect([previous.from, previous.to]).toEqual(['2026-11-13', '2026-11-19']);
    expect(previous.totals.executions).toBe(1);
    const mine = got(await readUsageSummary(worker, asUser('bob'), period));
    expect([mine.totals.executions, mine.totals.revenue_micro_usd, mine.previous.totals.executions]).toEqual([
      ...[1, null, 0],
    ]);
    expect(await readUsageSummary(worker, admin, { ...period, tenant_id: foreign.tenant_id })).toEqual(
      refused('forbidden'),
    );
  });
});
