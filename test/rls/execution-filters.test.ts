import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionFilter } from '../../contracts/api/execution-filter.ts';
import { readExportedExecutions } from '../../worker/db/executions/execution-export.ts';
import { listExecutions } from '../../worker/db/executions/executions.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, roundTripsOf, startTestDatabase } from './database.ts';
import { makeWorld, type Place, userRow } from './world.ts';

const database = await startTestDatabase();
const { owner } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, foreign } = places;
const worker = connectAsWorker(database);
afterAll(() => database.stop());

const claimsOf = (tenantId: string, userId: string) => ({ tenantId, userId, iat: 1_000_000, exp: 2_000_000 });
const admin = claimsOf(own.tenant_id, admin_id);

const got = <Value>(result: { ok: true; value: Value } | { ok: false; failure: unknown }): Value => {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

const openai = uuidv7();
const google = uuidv7();
const call = (provider_id: string) => ({
  provider_id,
  provider_kind: 'openai',
  provider_name: 'A provider',
  provider_model: 'a-model',
  started_at_ms: 0,
  latency_ms: 1,
  failure: null,
});

type Row = { at: string; status?: string; model?: string; calls?: string[]; api_key_id?: string };

async function newcomer(place: Place): Promise<string> {
  const row = userRow(place.tenant_id, place.level_id);
  await insertRow(owner, 'users', row);
  return row.id;
}

async function insert(place: Place, userId: string, { at, calls = [], ...row }: Row): Promise<string> {
  const started_at_ms = Date.parse(at);
  const id = uuidv7({ msecs: started_at_ms });
  const attempts = JSON.stringify(calls.map(call));
  await insertRow(owner, 'ai_executions', {
    ...{ tenant_id: place.tenant_id, id, user_id: userId, started_at_ms, attempts },
    ...{ status: 'succeeded', model: 'auto', cost_micro_usd: 11, wholesale_micro_usd: 7, ...row },
  });
  return id;
}

async function newKey(userId: string): Promise<string> {
  const id = uuidv7();
  await owner.query(
    `insert into api_keys (tenant_id, id, user_id, name, prefix, key_hash) values ($1, $2, $3, 'Shop', 'vsk_', sha256($4::bytea))`,
    [own.tenant_id, id, userId, id],
  );
  return id;
}

let person: string;
let key: string;
/** Ids of the person's executions, oldest first: the last moment of a day, two of the next one, and the first of the day after. */
let ids: string[];
beforeAll(async () => {
  person = await newcomer(own);
  key = await newKey(person);
  ids = [
    await insert(own, person, { at: '2026-11-09T23:59:59.999Z', calls: [openai] }),
    await insert(own, person, { at: '2026-11-10T00:00:00.000Z', status: 'failed', calls: [google, openai] }),
    await insert(own, person, { at: '2026-11-10T23:59:59.999Z', model: 'rare', calls: [openai, google] }),
    await insert(own, person, { at: '2026-11-11T00:00:00.000Z', api_key_id: key, status: 'running' }),
  ];
});

const list = async (reader: ReturnType<typeof claimsOf>, filter: ExecutionFilter) =>
  got(await listExecutions(worker, reader, { limit: 100 }, filter)).items.map(({ id }) => id);
const exported = async (reader: ReturnType<typeof claimsOf>, filter: ExecutionFilter) =>
  got(await readExportedExecutions(worker, reader, filter, 100));

describe('executions are filtered', () => {
  it.each<[string, () => ExecutionFilter, number[]]>([
    ['a day, to the millisecond', () => ({ from: '2026-11-10', to: '2026-11-10' }), [2, 1]],
    ['a first day', () => ({ from: '2026-11-10' }), [3, 2, 1]],
    ['a last day', () => ({ to: '2026-11-10' }), [2, 1, 0]],
    ['a model', () => ({ model: 'rare' }), [2]],
    ['a status', () => ({ status: 'failed' }), [1]],
    ['the provider of the last call', () => ({ provider_id: openai }), [1, 0]],
    ['an API key', () => ({ api_key_id: key }), [3]],
    ['a day and a provider', () => ({ from: '2026-11-10', to: '2026-11-10', provider_id: google }), [2]],
    ['a model that nothing ran on', () => ({ model: 'unknown' }), []],
  ])('by %s, in lists and files alike', async (_, filter, found) => {
    const expected = found.map((at) => ids[at]);
    for (const reader of [claimsOf(own.tenant_id, person), admin]) {
      const asked = { ...filter(), user_id: person };
      expect(await list(reader, asked)).toEqual(expected);
      expect((await exported(reader, asked)).map(({ id }) => id)).toEqual(expected);
    }
    expect(await list(claimsOf(own.tenant_id, person), filter())).toEqual(expected);
  });

  it('without a way around who may see them: other users and tenants find nothing by any filter', async () => {
    const stranger = claimsOf(own.tenant_id, await newcomer(own));
    const elsewhere = claimsOf(foreign.tenant_id, foreign.user_id);
    const filters: ExecutionFilter[] = [
      { api_key_id: key },
      { provider_id: openai },
      { model: 'rare' },
      { user_id: person, status: 'failed' },
    ];
    for (const filter of filters)
      for (const reader of [stranger, elsewhere]) {
        expect(await list(reader, filter)).toEqual([]);
        expect(await exported(reader, filter)).toEqual([]);
      }
    expect(await list(admin, { api_key_id: key })).toEqual([ids[3]]);
  });

  it('page by page in one round trip a page, and as a file in one', async () => {
    const reader = claimsOf(own.tenant_id, person);
    const filter = { from: '2026-11-10', to: '2026-11-11' };
    const first = got(await listExecutions(worker, reader, { limit: 2 }, filter));
    const cursor = first.next_cursor ?? '';
    const second = got(await listExecutions(worker, reader, { limit: 2, cursor }, filter));
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([ids[3], ids[2], ids[1]]);
    expect(second.next_cursor).toBeNull();
    expect(await roundTripsOf(database, () => listExecutions(worker, reader, { limit: 2 }, filter))).toBe(1);
    expect(await roundTripsOf(database, () => readExportedExecutions(worker, reader, filter, 2))).toBe(1);
  });
});

it('a file has costs for admins alone, and at most the rows that were asked for', async () => {
  const [forAdmin] = await exported(admin, { model: 'rare' });
  expect(forAdmin).toMatchObject({ attempts: 2, cost_micro_usd: 11, wholesale_micro_usd: 7 });
  const [forUser] = await exported(claimsOf(own.tenant_id, person), { model: 'rare' });
  expect(forUser).toMatchObject({ attempts: 2, cost_micro_usd: null, wholesale_micro_usd: null });
  expect(got(await readExportedExecutions(worker, admin, { user_id: person }, 3))).toHaveLength(3);
});
