import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import { GENESIS, proofFrom, readEntries } from '../../journal/verify.ts';
import { getExecution, listExecutions } from '../../worker/db/executions/executions.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { readEntriesOfWallet } from '../../worker/db/ledger/ledger.ts';
import { listTenantReconciliations } from '../../worker/db/ledger/reconciliation.ts';
import { type Findings, readWalletRecords, saveFindings } from '../../worker/db/ledger/wallet-records.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import { entriesOf, messagesOf, outcomeOf, runOf, startOf } from './journal-entries.ts';

/** The journals of tenants' wallets. */

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin, superadmin } = world;
afterAll(() => database.stop());

const ALL = { after_seq: 0, last_seq: 100, limit: 100 };

/** Entries of a tenant's wallet: 1,000 paid in, a lease of 400 of which 150 were spent, and an open one of 50. */
const leasesOf = (tenantId: string) => {
  const [ended, open] = [uuidv7(), uuidv7()];
  return entriesOf(tenantWallet(tenantId), [
    { kind: 'credit', operation_id: 'credit/1', amount: 1_000, lifetime: 1_000 },
    { kind: 'reserve', operation_id: ended, amount: 400, reserved: 400 },
    { kind: 'debit', operation_id: ended, amount: 150, lifetime: -150, reserved: -400 },
    { kind: 'reserve', operation_id: open, amount: 50, reserved: 50 },
  ]);
};

const walletRow = async (tenantId: string) =>
  (await owner.query('select * from tenant_wallets where tenant_id = $1', [tenantId])).rows[0];

const wallet = tenantWallet(own.tenant_id);
const entries = leasesOf(own.tenant_id);

describe('the journal of a tenant’s wallet', () => {
  it('becomes its ledger and its wallet, with those of users and of other tenants, in one round trip', async () => {
    const abroad = tenantWallet(foreign.tenant_id);
    const messages = [
      ...messagesOf({ wallet, entries }),
      ...messagesOf(runOf(own, 2)),
      ...messagesOf({ wallet: abroad, entries: leasesOf(foreign.tenant_id) }),
    ];
    expect(await roundTripsOf(database, () => projectJournal(worker, messages))).toBe(1);
    expect(await walletRow(own.tenant_id)).toMatchObject({ seq: '4', lifetime: '850', reserved: '50' });
    expect(await walletRow(foreign.tenant_id)).toMatchObject({ seq: '4', lifetime: '850' });
    const stored = await readEntriesOfWallet(worker, wallet, ALL);
    expect(stored).toEqual(entries);
    expect(readEntries(wallet, proofFrom(GENESIS), stored).differences).toEqual([]);
    const { rows } = await owner.query(
      'select count(*)::int as count from user_token_ledger where user_id = tenant_id',
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  it('may be repeated and late: the wallet stays as its newest entry left it', async () => {
    got(await projectJournal(worker, messagesOf({ wallet, entries: entries.slice(0, 2) })));
    expect(await walletRow(own.tenant_id)).toMatchObject({ seq: '4', lifetime: '850', reserved: '50' });
  });

  it('of a tenant that does not exist is refused, and so is one that forks', async () => {
    const unknown = uuidv7();
    const nobody = { wallet: tenantWallet(unknown), entries: leasesOf(unknown) };
    expect(await projectJournal(worker, messagesOf(nobody))).toEqual(refused('journal_wallet_unknown'));
    const forked = { wallet, entries: leasesOf(own.tenant_id) };
    expect(await projectJournal(worker, messagesOf(forked))).toEqual(refused('journal_forked'));
  });
});

describe('what Postgres knows of a tenant’s wallet', () => {
  it('is read in one round trip, with what its executions cost', async () => {
    const read = () => readWalletRecords(worker, wallet, { full: true, last_seq: 4, limit: 100 });
    expect(await roundTripsOf(database, read)).toBe(1);
    const records = await read();
    expect(records?.owner).toMatchObject({ kind: 'tenant', tenant: { id: own.tenant_id } });
    expect(records?.entries).toEqual(entries);
    expect(records?.projection).toEqual({
      ledger: {
        ...{ entries: 4, newest_seq: 4, charged: 150, open: 1 },
        ...{ monthly: 0, lifetime: 850, reserved: 50, overage: 0 },
      },
      executions: null,
      wholesale: { charged: 0, settled: 0, settled_debits: 150 },
      usage: { rows: 3, agreeing: 3 },
      wallet: { seq: 4, monthly: 0, lifetime: 850, reserved: 50, overage: 0 },
    });
    const unknown = tenantWallet(uuidv7());
    expect(await readWalletRecords(worker, unknown, { full: true, last_seq: 4, limit: 1 })).toBeNull();
  });

  it('keeps the findings of its checks, which superadmins list for all tenants and admins for their own', async () => {
    const findings: Findings = {
      ...{ status: 'ok', checkpoint: GENESIS, wallet_seq: 4, differences: [], acknowledged: [] },
      ...{ repaired_through_seq: 0, repaired_checkpoint: null, checked_at: '2026-11-23T12:00:00.000Z' },
    };
    await saveFindings(worker, wallet, findings);
    await saveFindings(worker, tenantWallet(foreign.tenant_id), { ...findings, status: 'different' });
    const listed = async (claims: typeof admin, query = {}) =>
      got(await listTenantReconciliations(worker, claims, { limit: 10, ...query })).items.map(
        ({ tenant_id }) => tenant_id,
      );
    expect((await listed(superadmin)).toSorted()).toEqual([own.tenant_id, foreign.tenant_id].sort());
    expect(await listed(superadmin, { status: 'different' })).toEqual([foreign.tenant_id]);
    expect(await listed(admin)).toEqual([own.tenant_id]);
    expect(await listTenantReconciliations(worker, claimsOf(own), { limit: 10 })).toEqual(
      refused('forbidden'),
    );
  });
});

describe('what an execution costs its tenant', () => {
  it('is shown to the tenant’s admins, and not to the user who ran it', async () => {
    const id = uuidv7();
    const user = { tenant_id: foreign.tenant_id, user_id: foreign.user_id };
    await owner.query(`update users set role = 'admin' where id = $1`, [foreign.spare_user_id]);
    const ofUser = entriesOf(user, [
      { kind: 'allocation', operation_id: 'allocation', amount: 100, lifetime: 100 },
      { kind: 'reserve', operation_id: id, amount: 50, reserved: 50, execution_start: startOf(id) },
      {
        ...{ kind: 'debit', operation_id: id, amount: 20, lifetime: -20, reserved: -50 },
        execution_outcome: { ...outcomeOf(id), wholesale_micro_usd: 13 },
      },
    ]);
    got(await projectJournal(worker, messagesOf({ wallet: user, entries: ofUser })));
    const shownTo = async (claims: typeof admin) => [
      got(await getExecution(worker, claims, id)).wholesale_micro_usd,
      got(await listExecutions(worker, claims, { limit: 1 }, { user_id: foreign.user_id })).items[0]
        ?.wholesale_micro_usd,
    ];
    expect(await shownTo(claimsOf({ ...foreign, user_id: foreign.spare_user_id }))).toEqual([13, 13]);
    expect(await shownTo(claimsOf(foreign))).toEqual([null, null]);
  });
});
