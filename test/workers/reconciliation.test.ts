import { sql } from 'drizzle-orm';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import {
  arrive,
  asOwner,
  check,
  credit,
  holdTheQueue,
  newcomer,
  stubOf,
  tamperLedger,
  tamperWallet,
  use,
  usedWallet,
} from './checked-wallet.ts';
import { dropEntries, dropReservations, withState } from './wallet/stored-wallet.ts';
import { policy, reserveCommandOf } from './wallet/wallet-commands.ts';

beforeAll(holdTheQueue);

const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
afterEach(() => said.mockClear());
/** The logged alerts. */
const alerts = () =>
  said.mock.calls
    .map(([line]) => JSON.parse(String(line)) as Record<string, unknown>)
    .filter(({ event }) => event === 'wallet_different');

const kindsOf = ({ reconciliation }: Awaited<ReturnType<typeof check>>) => [
  ...new Set(reconciliation.differences.map(({ kind }) => kind)),
];

const deleteEntry = ({ user_id }: WalletIdentity, seq: number) =>
  tamperLedger(sql`delete from user_token_ledger where user_id = ${user_id} and seq = ${seq}`);

describe('a wallet that agrees with Postgres', () => {
  it('is ok, and verified entries are not read again', async () => {
    const { wallet } = await usedWallet();
    const first = await check(wallet);
    expect(first).toMatchObject({
      reconciliation: { status: 'ok', verified_seq: 4, wallet_seq: 4, differences: [] },
      entries_verified: 4,
      figures: {
        wallet: { lifetime: 900, reserved: 50, consumed: 100, in_flight: 1 },
        executions_charged: 100,
      },
    });
    expect(first.figures.ledger).toEqual(first.figures.wallet);
    await credit(wallet, 7);
    await arrive(wallet);
    expect(await check(wallet)).toMatchObject({ entries_verified: 1, reconciliation: { verified_seq: 5 } });
    expect(await check(wallet)).toMatchObject({ entries_verified: 0, reconciliation: { status: 'ok' } });
    expect(await check(wallet, true)).toMatchObject({
      entries_verified: 5,
      reconciliation: { status: 'ok' },
    });
    expect(alerts()).toEqual([]);
  });

  it('is ok if it is unused, and the check does not open it', async () => {
    const wallet = await newcomer();
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'ok', wallet_seq: 0 });
    expect(await stubOf(wallet).audit({ wallet })).toEqual({ ok: true, audit: null });
  });

  it('may be longer than a page', async () => {
    const { wallet } = await usedWallet();
    for (let batch = 0; batch < 26; batch++)
      await Promise.all(Array.from({ length: 20 }, () => credit(wallet, 1)));
    while ((await check(wallet)).reconciliation.status !== 'ok') await arrive(wallet);
    expect(await check(wallet, true)).toMatchObject({
      entries_verified: 524,
      reconciliation: { status: 'ok', verified_seq: 524 },
    });
    await tamperLedger(
      sql`update user_token_ledger set reason = 'forged' where user_id = ${wallet.user_id} and seq = 510`,
    );
    expect((await check(wallet, true)).reconciliation).toMatchObject({
      status: 'different',
      verified_seq: 509,
      differences: [{ kind: 'hash_broken', seq: 510 }],
    });
  }, 60_000);

  it('is behind while its newest entries have not arrived, without an alert', async () => {
    const { wallet } = await usedWallet();
    await use(wallet);
    expect((await check(wallet)).reconciliation).toMatchObject({
      status: 'behind',
      verified_seq: 4,
      wallet_seq: 7,
      differences: [],
    });
    await arrive(wallet);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 7 });
    expect(alerts()).toEqual([]);
  });
});

describe('entries that are missing in Postgres', () => {
  it.each([1, 2, 3, 4])('are sent again by the wallet itself, without an alert (entry %i)', async (seq) => {
    const { wallet } = await usedWallet();
    await check(wallet);
    await deleteEntry(wallet, seq);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'healing', differences: [] });
    await arrive(wallet);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 4 });
    expect((await check(wallet, true)).reconciliation.status).toBe('ok');
    expect(alerts()).toEqual([]);
  });

  it('are all sent again, even if the whole ledger is missing', async () => {
    const { wallet } = await usedWallet();
    await tamperLedger(sql`delete from user_token_ledger where user_id = ${wallet.user_id}`);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'healing', verified_seq: 0 });
    await arrive(wallet);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'ok', verified_seq: 4 });
  });

  it('and that the wallet no longer has are a difference', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, dropEntries(2));
    await deleteEntry(wallet, 2);
    const { reconciliation } = await check(wallet);
    expect(reconciliation.status).toBe('different');
    expect(reconciliation.differences).toContainEqual({
      kind: 'entry_missing',
      seq: 2,
      field: 'seq',
      expected: 2,
      found: 3,
    });
  });

  it('and do not arrive after they were sent again become a difference', async () => {
    const { wallet } = await usedWallet();
    await deleteEntry(wallet, 3);
    expect((await check(wallet)).reconciliation.status).toBe('healing');
    await asOwner(
      sql`update wallet_reconciliations set checked_at = now() - interval '11 minutes' where user_id = ${wallet.user_id}`,
    );
    expect((await check(wallet)).reconciliation.status).toBe('different');
  });
});

describe('a difference', () => {
  it('of a changed entry is located, logged without personal data, and found again', async () => {
    const { wallet } = await usedWallet();
    await tamperLedger(
      sql`update user_token_ledger set reason = 'secret' where user_id = ${wallet.user_id} and seq = 3`,
    );
    expect((await check(wallet)).reconciliation).toMatchObject({
      status: 'different',
      verified_seq: 2,
      differences: [{ kind: 'hash_broken', seq: 3 }],
    });
    expect(alerts()).toEqual([
      { level: 'error', event: 'wallet_different', wallet, codes: ['hash_broken'], entries: [3] },
    ]);
    expect((await check(wallet)).reconciliation).toMatchObject({ status: 'different', verified_seq: 2 });
  });

  it('of an entry changed after it was verified is found by a full check', async () => {
    const { wallet } = await usedWallet();
    await check(wallet);
    await tamperLedger(
      sql`update user_token_ledger set at_ms = at_ms + 1 where user_id = ${wallet.user_id} and seq = 2`,
    );
    expect((await check(wallet)).reconciliation.status).toBe('ok');
    expect((await check(wallet, true)).reconciliation.status).toBe('different');
    expect((await check(wallet)).reconciliation.status, 'and is not forgotten').toBe('different');
  });

  it('of a wallet whose balance was changed names the figures, and is reported until it is repaired', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, withState({ lifetime: 950, granted: 1_050 }));
    for (const full of [false, false, true])
      expect((await check(wallet, full)).reconciliation).toMatchObject({
        status: 'different',
        differences: [
          { kind: 'wallet_figures_differ', field: 'granted', expected: 1_000, found: 1_050 },
          { kind: 'wallet_figures_differ', field: 'lifetime', expected: 900, found: 950 },
        ],
      });
  });

  it.each([
    ['a hold that vanished', dropReservations, 'wallet_holds_differ'],
    ['another newest entry', withState({ last_hash: 'f' }), 'wallet_head_differs'],
    ['a past that was taken back', withState({ seq: 2 }), 'wallet_head_differs'],
  ])('of a wallet with %s is found', async (_, change, kind) => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, change);
    const report = await check(wallet);
    expect(report.reconciliation.status).toBe('different');
    expect(kindsOf(report)).toContain(kind);
  });

  it.each([
    [
      'a charge',
      'executions_differ',
      (id: string) =>
        sql`update ai_executions set tokens_charged = 1 where user_id = ${id} and finished_at_ms is not null`,
    ],
    [
      'an execution that runs no more',
      'executions_differ',
      (id: string) =>
        sql`update ai_executions set finished_at_ms = 5 where user_id = ${id} and finished_at_ms is null`,
    ],
    [
      'an execution that is gone',
      'executions_differ',
      (id: string) => sql`delete from ai_executions where user_id = ${id}`,
    ],
    [
      'the balance shown',
      'projection_differs',
      (id: string) => sql`update user_token_wallets set lifetime = 7000 where user_id = ${id}`,
    ],
    [
      'the wallet shown, gone',
      'projection_differs',
      (id: string) => sql`delete from user_token_wallets where user_id = ${id}`,
    ],
  ])('of what is shown from the ledger is found: %s', async (_, kind, statement) => {
    const { wallet } = await usedWallet();
    await asOwner(statement(wallet.user_id));
    const report = await check(wallet);
    expect(report.reconciliation.status).toBe('different');
    expect(kindsOf(report)).toEqual([kind]);
  });
});

it('changes that are in the database but did not reach the wallet are sent again', async () => {
  const { wallet } = await usedWallet();
  await asOwner(sql`update users set status = 'disabled' where id = ${wallet.user_id}`);
  await check(wallet);
  expect(await stubOf(wallet).reserve(reserveCommandOf(wallet, 1))).toEqual({
    ok: false,
    code: 'user_disabled',
  });
  await asOwner(
    sql`update users set status = 'active' where id = ${wallet.user_id}`,
    sql`insert into user_token_policies (tenant_id, user_id, in_flight_max) values (${wallet.tenant_id}, ${wallet.user_id}, 1)`,
  );
  await check(wallet);
  expect(await stubOf(wallet).reserve({ ...reserveCommandOf(wallet, 1), policy })).toMatchObject({
    code: 'too_many_in_flight',
  });
});
