import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import type { Difference } from '../../contracts/wallet/reconciliation.ts';
import { hashEntry } from '../../journal/hash.ts';
import { GENESIS, proofFrom, readEntries } from '../../journal/verify.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { exportEntries, listGaps, readEntriesOfWallet } from '../../worker/db/ledger/ledger.ts';
import {
  listReconciliations,
  listTenantsWithWallets,
  listUncheckedWallets,
  type RepairRecord,
  recordRepair,
} from '../../worker/db/ledger/reconciliation.ts';
import { type Findings, readWalletRecords, saveFindings } from '../../worker/db/ledger/wallet-records.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, roundTripsOf } from './database.ts';
import { claimsOf, got, nobody, refused, startGovernedWorld } from './governed-world.ts';
import { messagesOf, runOf } from './journal-entries.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, admin, superadmin } = world;
afterAll(() => database.stop());

const wallet = { tenant_id: own.tenant_id, user_id: own.user_id };
const abroad = { tenant_id: foreign.tenant_id, user_id: foreign.user_id };
const { entries } = runOf(wallet, 4);
const foreignAdmin = claimsOf(foreign);
const ALL = { after_seq: 0, last_seq: 100, limit: 100 };

const findings: Findings = {
  status: 'ok',
  checkpoint: GENESIS,
  wallet_seq: 9,
  differences: [],
  acknowledged: [],
  repaired_through_seq: 0,
  repaired_checkpoint: null,
  checked_at: '2026-11-23T12:00:00.000Z',
};

beforeAll(async () => {
  got(await projectJournal(worker, messagesOf({ wallet, entries })));
  got(await projectJournal(worker, messagesOf(runOf(abroad, 1))));
  await owner.query(`update users set role = 'admin' where id = $1`, [foreign.user_id]);
});

describe('the entries of a wallet', () => {
  it('come back exactly as they were hashed, absent fields absent', async () => {
    const identity = { tenant_id: colleague.tenant_id, user_id: colleague.user_id };
    const said: Partial<JournalEntry>[] = [{}, { shortfall: 7 }, { thresholds_crossed: [80, 95] }];
    const told: JournalEntry[] = [];
    for (const [index, entry] of runOf(colleague, 1).entries.entries()) {
      const unsealed = { ...entry, ...said[index], prev_hash: told.at(-1)?.hash ?? entry.prev_hash };
      told.push({ ...unsealed, hash: hashEntry(identity, unsealed) });
    }
    got(await projectJournal(worker, messagesOf({ wallet: identity, entries: told })));
    expect(await readEntriesOfWallet(worker, identity, ALL)).toEqual(told);
    expect(readEntries(identity, proofFrom(GENESIS), told).differences).toEqual([]);
  });

  it('come page by page, up to a number', async () => {
    const page = await readEntriesOfWallet(worker, wallet, { after_seq: 2, last_seq: 6, limit: 3 });
    expect(page).toEqual(entries.slice(2, 5));
    const rest = await readEntriesOfWallet(worker, wallet, { after_seq: 5, last_seq: 6, limit: 3 });
    expect(rest).toEqual(entries.slice(5, 6));
  });

  it('are exported whole to admins of the tenant and to superadmins, without costs to their user, and not at all to others', async () => {
    for (const claims of [admin, superadmin])
      expect(got(await exportEntries(worker, claims, wallet, ALL))).toEqual(entries);
    expect(got(await exportEntries(worker, claimsOf(own), wallet, ALL))).toMatchObject(
      entries.map(({ seq, kind, amount, hash }) => ({ seq, kind, amount, hash })),
    );
    for (const claims of [claimsOf(colleague), foreignAdmin])
      expect(got(await exportEntries(worker, claims, wallet, ALL))).toEqual([]);
    expect(await exportEntries(worker, claimsOf({ ...own, user_id: nobody }), wallet, ALL)).toEqual(
      refused('unauthenticated'),
    );
  });

  it('that are missing are found, first and last of each gap', async () => {
    expect(await listGaps(worker, wallet)).toEqual([]);
    await owner.query('alter table user_token_ledger disable trigger user');
    await owner.query('delete from user_token_ledger where user_id = $1 and seq in (1, 4, 5, 9)', [
      wallet.user_id,
    ]);
    expect(await listGaps(worker, wallet)).toEqual([
      { first_seq: 1, last_seq: 1 },
      { first_seq: 4, last_seq: 5 },
    ]);
    await owner.query('alter table user_token_ledger enable trigger user');
    got(await projectJournal(worker, messagesOf({ wallet, entries })));
    expect(await listGaps(worker, wallet)).toEqual([]);
  });
});

describe('what a wallet is held against', () => {
  it('is read in one round trip, from the last checkpoint on or from the first entry', async () => {
    const seqs = async (full: boolean) =>
      (await readWalletRecords(worker, wallet, { full, last_seq: 9, limit: 100 }))?.entries.map(
        ({ seq }) => seq,
      );
    expect(await roundTripsOf(database, () => seqs(false))).toBe(1);
    await saveFindings(worker, wallet, { ...findings, checkpoint: { ...GENESIS, seq: 6 } });
    expect(await seqs(false)).toEqual([7, 8, 9]);
    expect(await seqs(true)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('adds up ledger, executions and the wallet shown', async () => {
    const evidence = await readWalletRecords(worker, wallet, { full: true, last_seq: 9, limit: 100 });
    expect(evidence?.projection).toEqual({
      ledger: {
        ...{ entries: 9, newest_seq: 9, charged: 80, open: 0 },
        ...{ monthly: 0, lifetime: 920, reserved: 0, overage: 0 },
      },
      executions: { charged: 80, open: 0 },
      wholesale: null,
      usage: null,
      wallet: { seq: 9, monthly: 0, lifetime: 920, reserved: 0, overage: 0 },
    });
    expect(evidence?.owner).toMatchObject({ kind: 'user', user: { user: { id: wallet.user_id } } });
  });

  it('is nothing for a user nobody knows, or knows elsewhere', async () => {
    for (const user_id of [nobody, foreign.user_id])
      expect(
        await readWalletRecords(worker, { ...wallet, user_id }, { full: true, last_seq: 9, limit: 1 }),
      ).toBeNull();
  });
});

describe('findings', () => {
  it('are replaced by the next check, but never by one that began before a repair', async () => {
    const stored = async () =>
      (await readWalletRecords(worker, wallet, { full: false, last_seq: 9, limit: 1 }))?.previous;
    await saveFindings(worker, wallet, { ...findings, status: 'different' });
    expect(await stored()).toMatchObject({ status: 'different' });
    await saveFindings(worker, wallet, { ...findings, repaired_through_seq: 9 });
    await saveFindings(worker, wallet, { ...findings, status: 'different' });
    expect(await stored()).toMatchObject({ status: 'ok', repaired_through_seq: 9 });
    await saveFindings(worker, wallet, { ...findings, status: 'behind', repaired_through_seq: 9 });
    expect(await stored()).toMatchObject({ status: 'behind' });
  });

  it('are listed to admins for their tenant and to superadmins for all, by status, page by page', async () => {
    await saveFindings(worker, wallet, { ...findings, status: 'different', repaired_through_seq: 9 });
    await saveFindings(worker, { ...wallet, user_id: colleague.user_id }, findings);
    await saveFindings(worker, abroad, { ...findings, status: 'healing' });
    const idsFor = async (claims: typeof admin, query: object = {}) =>
      got(await listReconciliations(worker, claims, { limit: 10, ...query })).items.map(
        (item) => item.user_id,
      );
    const own_ids = [own.user_id, colleague.user_id].sort().toReversed();
    expect(await idsFor(admin)).toEqual(own_ids);
    expect(await idsFor(admin, { status: 'different' })).toEqual([own.user_id]);
    expect(await idsFor(admin, { status: 'healing' })).toEqual([]);
    expect(await idsFor(foreignAdmin)).toEqual([foreign.user_id]);
    expect(new Set(await idsFor(superadmin))).toEqual(new Set([...own_ids, foreign.user_id]));
    const first = got(await listReconciliations(worker, admin, { limit: 1 }));
    const [{ user_id, user_email, user } = { user_id: '', user_email: '', user: null }] = first.items;
    expect(user).toEqual({ id: user_id, name: 'Somebody', email: user_email });
    const cursor = first.next_cursor ?? '';
    const second = got(await listReconciliations(worker, admin, { limit: 1, cursor }));
    expect([...first.items, ...second.items].map(({ user_id }) => user_id)).toEqual(own_ids);
    expect(second.next_cursor).toBeNull();
    expect(first.items[0]).toMatchObject({ wallet_seq: 9, checked_at: '2026-11-23T12:00:00.000Z' });
  });

  it('count entries as proved up to the first difference, and show a hundred', async () => {
    const fault = (seq: number): Difference => ({
      ...{ kind: 'hash_broken', seq, field: 'hash', expected: 'a', found: 'b' },
    });
    await saveFindings(worker, wallet, {
      ...{ ...findings, status: 'different', repaired_through_seq: 9, checkpoint: { ...GENESIS, seq: 300 } },
      ...{
        differences: Array.from({ length: 150 }, (_, index) => fault(150 + index)),
        acknowledged: [fault(7)],
      },
    });
    const { items } = got(await listReconciliations(worker, admin, { limit: 10 }));
    const shown = items.find(({ user_id }) => user_id === own.user_id);
    expect(shown).toMatchObject({ verified_seq: 149, acknowledged: [fault(7)] });
    expect(shown?.differences.length).toBe(100);
  });

  it('are nobody else’s to see or to write', async () => {
    expect(await listReconciliations(worker, claimsOf(own), { limit: 10 })).toEqual(refused('forbidden'));
    expect(await listReconciliations(worker, admin, { limit: 10, cursor: btoa('1') })).toEqual(
      refused('invalid_cursor'),
    );
    await rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, $3)', [admin.tenantId, admin.userId, admin.iat]);
      const refusal = await refusalOf(database.worker, () =>
        database.worker.query(
          `insert into wallet_reconciliations (tenant_id, user_id, status, checkpoint, wallet_seq, differences, checked_at)
           values ($1, $2, 'ok', '{}', 0, '[]', now())`,
          [own.tenant_id, own.spare_user_id],
        ),
      );
      expect(refusal).toBe('42501');
      const changed = await database.worker.query(`update wallet_reconciliations set status = 'ok'`);
      expect(changed.rowCount).toBe(0);
    });
  });
});

describe('a run', () => {
  it('finds every tenant, for each has a wallet, without a context and without leaving one behind', async () => {
    const empty = uuidv7();
    await insertRow(owner, 'tenants', { id: empty, slug: empty, name: 'Nobody', primary_color: '#123456' });
    const tenants = await listTenantsWithWallets(worker);
    const some = [own.tenant_id, foreign.tenant_id, superadmin.tenantId, empty];
    expect(tenants).toEqual(expect.arrayContaining(some));
  });

  it('takes page after page of those that were not checked since it began, and nobody of another tenant', async () => {
    const { tenant_id } = own;
    await owner.query('delete from wallet_reconciliations where tenant_id = $1', [tenant_id]);
    const { rows } = await owner.query('select id from users where tenant_id = $1 order by id', [tenant_id]);
    // The tenant's own wallet has the tenant's id.
    const everybody: string[] = [...rows.map(({ id }) => id), tenant_id].sort();
    const before_ms = Date.parse('2026-11-23T12:00:00.000Z');
    const page = async (limit: number, after_user_id?: string) =>
      (await listUncheckedWallets(worker, { tenant_id, before_ms, after_user_id }, limit)).map(
        ({ user_id }) => user_id,
      );
    expect(await page(100)).toEqual(everybody);
    expect(await page(2)).toEqual(everybody.slice(0, 2));
    expect(await page(100, everybody[1])).toEqual(everybody.slice(2));
    await saveFindings(worker, wallet, findings);
    expect(await page(100), 'checked when it began').toEqual(everybody.filter((id) => id !== own.user_id));
    await saveFindings(worker, wallet, { ...findings, checked_at: '2026-11-23T11:59:59.999Z' });
    expect(await page(100)).toEqual(everybody);
  });

  it('looks once a day at a wallet of which Postgres shows nothing', async () => {
    await saveFindings(worker, wallet, findings);
    await owner.query('delete from user_token_wallets where user_id = $1', [own.user_id]);
    const at = async (iso: string) =>
      await listUncheckedWallets(worker, { ...wallet, before_ms: Date.parse(iso) }, 100);
    expect(await at('2026-11-24T12:00:00.000Z')).not.toContainEqual(wallet);
    expect(await at('2026-11-24T12:00:00.001Z')).toContainEqual(wallet);
  });
});

it('a repair is written down in the name and the role of who ordered it', async () => {
  const request_id = uuidv7();
  const said = { wallet, reason: 'why', seq: 5, differences: [], request_id };
  const record: RepairRecord = { action: 'wallet.repaired', ...said };
  expect(await recordRepair(worker, superadmin, record)).toEqual({ ok: true, value: null });
  expect(await world.auditOf(request_id)).toEqual([
    {
      actor_user_id: superadmin.userId,
      actor_role: 'superadmin',
      action: 'wallet.repaired',
      target_type: 'user',
      target_id: wallet.user_id,
      details: { tenant_id: wallet.tenant_id, reason: 'why', seq: 5, differences: [] },
    },
  ]);
});
