import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, it } from 'vitest';
import type { JournalMessage } from '../../contracts/wallet/journal.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { getApiKeyOfTenant } from '../../worker/db/users/api-keys.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, startTestDatabase } from './database.ts';
import { makeWorld } from './world.ts';

const database = await startTestDatabase();
const worker = connectAsWorker(database);
const { own } = (await makeWorld(database.owner)).places;
afterAll(() => database.stop());

it('the journal notes when a key was last used, at most once a minute and never backwards', async () => {
  const row = { tenant_id: own.tenant_id, id: uuidv7(), user_id: own.user_id, name: 'k', prefix: 'vsk_' };
  await insertRow(database.owner, 'api_keys', { ...row, key_hash: randomBytes(32) });
  const startedAt = Date.UTC(2026, 10, 23, 12);
  const use = (api_key_id: string | null, started_at_ms: number, seq: number) => {
    const start = {
      ...{ id: uuidv7(), model: 'm', api_key_id, started_at_ms },
      ...{ input_tokens_bound: 1, max_output_tokens: 1, price_version: 1 },
    };
    const hashes = {
      prev_hash: (seq - 1).toString(16).padStart(64, '0'),
      hash: seq.toString(16).padStart(64, '0'),
    };
    return {
      ...{ seq, kind: 'reserve', operation_id: start.id, amount: 1, overage: 0, period: '2026-11' },
      ...{ monthly_delta: 0, lifetime_delta: 0, reserved_delta: 1 },
      ...{ monthly_after: 0, lifetime_after: 99, reserved_after: seq, overage_after: 0, policy_version: 1 },
      ...{ actor: { kind: 'user', id: own.user_id }, reason: null, reference: null, at_ms: started_at_ms },
      ...{ execution_start: start, execution_outcome: null, ...hashes },
    } satisfies JournalMessage['entries'][number];
  };
  const wallet = { tenant_id: own.tenant_id, user_id: own.user_id };
  const project = (...entries: JournalMessage['entries']) =>
    projectJournal(worker, [{ version: 1, wallet, entries }]);
  const lastUsed = async () =>
    Date.parse((await getApiKeyOfTenant(worker, own.tenant_id, row.id))?.key.last_used_at ?? '');
  await project(use(row.id, startedAt, 1), use(row.id, startedAt + 5_000, 2), use(null, startedAt, 3));
  expect(await lastUsed()).toBe(startedAt + 5_000);
  await project(use(row.id, startedAt + 64_999, 4));
  await project(use(row.id, startedAt - 600_000, 5), use(uuidv7(), startedAt, 6));
  expect(await lastUsed()).toBe(startedAt + 5_000);
  await project(use(row.id, startedAt + 65_000, 7));
  expect(await lastUsed()).toBe(startedAt + 65_000);
});
