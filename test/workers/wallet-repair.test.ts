import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { reconcileUserWallet } from '../../worker/reconciliation/reconcile-on-demand.ts';
import { repairUserWallet } from '../../worker/reconciliation/repair-on-demand.ts';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import {
  abroad,
  arrive,
  asOwner,
  check,
  claimsOf,
  credit,
  dependencies,
  holdTheQueue,
  home,
  newcomer,
  PLATFORM,
  SMALL_LIMITS,
  seqOf,
  stubOf,
  tamperLedger,
  tamperWallet,
  usedWallet,
} from './checked-wallet.ts';
import { dropEntries, dropReservations, withState } from './wallet/stored-wallet.ts';
import { outcomeOf, reserveCommandOf } from './wallet/wallet-commands.ts';

let superadmin: WalletIdentity;
const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
beforeAll(async () => {
  holdTheQueue();
  superadmin = await newcomer(PLATFORM, 'superadmin');
});
afterAll(() => said.mockRestore());

/** Repairs a wallet as a given caller. Entries it writes meanwhile are delivered as usual. */
async function repair(
  wallet: WalletIdentity,
  {
    by = superadmin,
    key = crypto.randomUUID() as string,
    reason = 'a test broke it',
    changes = {} as Partial<Dependencies>,
  } = {},
) {
  const deps = dependencies(changes);
  const order = { reason, operation_id: key };
  let over = false;
  const repairing = repairUserWallet(deps, claimsOf(by), wallet.user_id, order).finally(() => {
    over = true;
  });
  while (!over) await arrive(wallet);
  return { requestId: deps.requestId, answer: await repairing };
}

const auditOf = async (requestId: string) =>
  (await asOwner(sql`select * from audit_log where request_id = ${requestId} order by id`))[0];

const entriesSince = async ({ user_id }: WalletIdentity, seq: number) =>
  (
    await asOwner(
      sql`select seq::int, kind, lifetime_delta::int, reserved_delta::int, actor_kind, actor_id, reason
        from user_token_ledger where user_id = ${user_id} and seq > ${seq} order by seq`,
    )
  )[0];

const giveTokens = withState({ lifetime: 950, granted: 1_050 });

describe('a wallet that has other tokens than its entries add up to', () => {
  it('is repaired by exactly one compensating entry with an actor and a reason, and is ok from then on', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, giveTokens);
    const { answer, requestId } = await repair(wallet);
    expect(answer).toMatchObject({
      ok: true,
      value: {
        seq: 5,
        wallet: { lifetime: 950, reserved: 50 },
        report: { reconciliation: { status: 'ok', wallet_seq: 5, repaired_through_seq: 4, differences: [] } },
      },
    });
    expect(await entriesSince(wallet, 4)).toEqual([
      {
        seq: 5,
        kind: 'adjustment',
        lifetime_delta: 50,
        reserved_delta: 0,
        actor_kind: 'superadmin',
        actor_id: superadmin.user_id,
        reason: 'a test broke it',
      },
    ]);
    expect((await check(wallet, true)).reconciliation.status).toBe('ok');
    const said = { tenant_id: wallet.tenant_id, reason: 'a test broke it' };
    const by = { actor_user_id: superadmin.user_id, actor_role: 'superadmin', target_id: wallet.user_id };
    expect(await auditOf(requestId)).toMatchObject([
      { ...by, action: 'wallet.repair_ordered', details: said },
      { ...by, action: 'wallet.repaired', details: { ...said, seq: 5 } },
    ]);
  });

  it('is never repaired without an audit entry, even if the repair fails in between', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, giveTokens);
    const real = stubOf(wallet);
    const failing = {
      audit: (command: Parameters<typeof real.audit>[0]) => real.audit(command),
      compensate: () => Promise.reject(new Error('out of reach')),
    };
    const wallets = { getByName: () => failing } as unknown as Env['WALLET'];
    const { answer, requestId } = await repair(wallet, { changes: { wallets } });
    expect(answer).toEqual({ ok: false, failure: { code: 'unavailable' } });
    expect(await auditOf(requestId)).toMatchObject([{ action: 'wallet.repair_ordered' }]);
  });

  it('is repaired once by two requests with the same key', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, giveTokens);
    const key = crypto.randomUUID();
    expect((await repair(wallet, { key })).answer).toMatchObject({ ok: true, value: { seq: 5 } });
    expect((await repair(wallet, { key })).answer).toMatchObject({ ok: true, value: { seq: 5 } });
    expect((await repair(wallet, { key, reason: 'another' })).answer).toEqual({
      ok: false,
      failure: { code: 'idempotency_mismatch' },
    });
    expect(await seqOf(wallet)).toBe(5);
  });

  it('keeps newer faults if the repair is repeated with the same key', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, giveTokens);
    const key = crypto.randomUUID();
    await repair(wallet, { key });
    await tamperWallet(wallet, withState({ lifetime: 1_450, granted: 1_550 }));
    await tamperLedger(
      sql`update user_token_ledger set reason = 'forged' where user_id = ${wallet.user_id} and seq = 2`,
    );
    expect((await check(wallet, true)).reconciliation.status).toBe('different');
    expect((await repair(wallet, { key })).answer).toMatchObject({ ok: true, value: { seq: 5 } });
    for (const full of [false, true])
      expect((await check(wallet, full)).reconciliation).toMatchObject({
        ...{ status: 'different', repaired_through_seq: 4, acknowledged: [] },
        differences: expect.arrayContaining([
          expect.objectContaining({ kind: 'hash_broken', seq: 2 }),
          expect.objectContaining({ kind: 'wallet_figures_differ', expected: 950, found: 1450 }),
        ]),
      });
  });

  it('that lost its holds counts them again, and continues to work', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, dropReservations);
    expect((await repair(wallet)).answer).toMatchObject({
      ok: true,
      value: { seq: 5, report: { reconciliation: { status: 'ok' } } },
    });
    expect(await entriesSince(wallet, 4)).toMatchObject([{ kind: 'adjustment', reserved_delta: -50 }]);
    const id = crypto.randomUUID();
    await stubOf(wallet).reserve(reserveCommandOf(wallet, 900, id));
    await stubOf(wallet).settle({ wallet, amount: 10, outcome: outcomeOf(id) });
    await arrive(wallet);
    for (const full of [false, true])
      expect((await check(wallet, full)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 7 });
  });
});

describe('a ledger that was changed', () => {
  it('is not changed: the fault is acknowledged, shown by a full check, and raises no alert any more', async () => {
    const { wallet } = await usedWallet();
    await tamperLedger(
      sql`update user_token_ledger set reason = 'forged' where user_id = ${wallet.user_id} and seq = 3`,
    );
    expect((await repair(wallet)).answer).toMatchObject({ ok: true, value: { seq: null } });
    await credit(wallet, 1);
    await arrive(wallet);
    for (const full of [false, true])
      expect((await check(wallet, full)).reconciliation).toMatchObject({
        status: 'ok',
        verified_seq: 5,
        repaired_through_seq: 4,
        differences: [],
        acknowledged: [{ kind: 'hash_broken', seq: 3 }],
      });
  });

  it('long ago is found, bridged and acknowledged, however many entries follow', async () => {
    const { wallet } = await usedWallet();
    for (let more = 0; more < 20; more++) await credit(wallet, 1);
    await arrive(wallet);
    await tamperLedger(
      sql`update user_token_ledger set lifetime_delta = -60, amount = 60 where user_id = ${wallet.user_id} and seq = 3`,
    );
    expect((await check(wallet, false, SMALL_LIMITS)).reconciliation).toMatchObject({
      ...{ status: 'different', verified_seq: 2, wallet_seq: 24 },
      differences: expect.arrayContaining([expect.objectContaining({ kind: 'wallet_figures_differ' })]),
    });
    await credit(wallet, 1);
    await arrive(wallet);
    const later = await check(wallet, false, SMALL_LIMITS);
    expect(later).toMatchObject({ entries_verified: 1, reconciliation: { status: 'different' } });
    expect((await repair(wallet)).answer).toMatchObject({ ok: true, value: { seq: 26 } });
    expect((await check(wallet, true)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 26 });
  });

  it('and corrected is ok after a full check, repaired before or not', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, giveTokens);
    await repair(wallet);
    const change = (delta: number) =>
      tamperLedger(
        sql`update user_token_ledger set lifetime_delta = ${delta} where user_id = ${wallet.user_id} and seq = 6`,
      );
    await credit(wallet, 7);
    await arrive(wallet);
    await change(8);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'different', verified_seq: 5 });
    await change(7);
    expect((await check(wallet, true)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 6 });
    expect((await check(wallet)).reconciliation.status).toBe('ok');
  });

  it('is bridged if it no longer adds up to the wallet’s figures', async () => {
    const { wallet } = await usedWallet();
    await tamperLedger(
      sql`update user_token_ledger set lifetime_delta = -60, amount = 60 where user_id = ${wallet.user_id} and seq = 3`,
    );
    const { answer } = await repair(wallet);
    expect(answer).toMatchObject({
      ok: true,
      value: { seq: 5, wallet: { lifetime: 900 }, report: { reconciliation: { status: 'ok' } } },
    });
    expect(await entriesSince(wallet, 4)).toMatchObject([{ kind: 'adjustment', lifetime_delta: -40 }]);
    expect((await check(wallet, true)).reconciliation.status).toBe('ok');
    await tamperLedger(
      sql`update user_token_ledger set reason = 'again' where user_id = ${wallet.user_id} and seq = 2`,
    );
    for (const full of [true, false, true])
      expect((await check(wallet, full)).reconciliation.status, 'what is new is an alarm').toBe('different');
  });

  it('by deleting entries that the wallet can no longer send is bridged and acknowledged', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, dropEntries(3));
    await tamperLedger(sql`delete from user_token_ledger where user_id = ${wallet.user_id} and seq = 3`);
    expect((await repair(wallet)).answer).toMatchObject({
      ok: true,
      value: { seq: 5, report: { reconciliation: { status: 'ok' } } },
    });
    await credit(wallet, 1);
    await arrive(wallet);
    for (const full of [false, true])
      expect((await check(wallet, full)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 6 });
  });
});

describe('a projection of the ledger', () => {
  it('is written again if it disagrees, without a new ledger entry', async () => {
    const { wallet, done, open } = await usedWallet();
    const { user_id } = wallet;
    const rows = () =>
      asOwner(
        sql`select * from ai_executions where user_id = ${user_id} order by id`,
        sql`select user_id, seq, lifetime, reserved from user_token_wallets where user_id = ${user_id}`,
      );
    const before = await rows();
    const phantom = crypto.randomUUID();
    await asOwner(
      sql`update ai_executions set tokens_charged = 1, status = 'failed', provider_name = null where id = ${done}`,
      sql`delete from ai_executions where id = ${open}`,
      sql`update user_token_wallets set lifetime = 7000, seq = 3 where user_id = ${user_id}`,
    );
    expect((await repair(wallet)).answer).toMatchObject({
      ok: true,
      value: { seq: null, report: { reconciliation: { status: 'ok', differences: [] } } },
    });
    expect(await rows()).toEqual(before);
    await asOwner(
      sql`insert into ai_executions (tenant_id, id, user_id, tokens_charged) values (${wallet.tenant_id}, ${phantom}, ${user_id}, 9)`,
    );
    expect((await repair(wallet)).answer).toMatchObject({ ok: true, value: { seq: null } });
    const [executions] = await asOwner(sql`select * from ai_executions where id = ${phantom}`);
    expect(executions).toMatchObject([{ tokens_charged: '0', status: 'failed' }]);
    expect(await seqOf(wallet)).toBe(4);
  });
});

describe('a repair is refused', () => {
  it('when there is nothing to repair', async () => {
    const { wallet } = await usedWallet();
    expect((await repair(wallet)).answer).toEqual({ ok: false, failure: { code: 'nothing_to_repair' } });
    expect(await seqOf(wallet)).toBe(4);
  });

  it('when the wallet was set back: the ledger has more entries, and one entry cannot bridge that', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, withState({ seq: 2 }));
    expect((await repair(wallet)).answer).toEqual({ ok: false, failure: { code: 'ledger_outdated' } });
    expect((await entriesSince(wallet, 4))?.length).toBe(0);
  });

  it.each([
    ['the user', 'user', home, 'forbidden'],
    ['an admin of their tenant', 'admin', home, 'forbidden'],
    ['an admin of another tenant', 'admin', abroad, 'not_found'],
  ])('to %s', async (_, role, tenant, code) => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, giveTokens);
    const by = await newcomer(tenant, role);
    expect((await repair(wallet, { by })).answer).toEqual({ ok: false, failure: { code } });
    expect(await seqOf(wallet)).toBe(4);
  });
});

it.each([
  ['the user', 'user', home, 'forbidden'],
  ['an admin of another tenant', 'admin', abroad, 'not_found'],
])('a check on demand is refused to %s', async (_, role, tenant, code) => {
  const { wallet } = await usedWallet();
  const by = claimsOf(await newcomer(tenant, role));
  expect(await reconcileUserWallet(dependencies(), by, wallet.user_id, { full: false })).toEqual({
    ok: false,
    failure: { code },
  });
  const admin = claimsOf(await newcomer(home, 'admin'));
  expect(await reconcileUserWallet(dependencies(), admin, wallet.user_id, { full: true })).toMatchObject({
    ok: true,
    value: { reconciliation: { status: 'ok', user_email: `${wallet.user_id}@example.test` } },
  });
});
