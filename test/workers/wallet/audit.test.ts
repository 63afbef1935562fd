import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { WalletFigures, WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { changeSegments, changeState, dropReservations, entriesOf } from './stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(() => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});

async function audit() {
  const answer = await stub.audit({ wallet });
  if (!answer.ok || answer.audit === null) throw new Error('The wallet is open');
  return answer.audit;
}

const newest = async () => (await entriesOf(stub)).at(-1);

const compensation = (ledger: { seq: number; figures: WalletFigures }, operation_id = 'repair/1') => ({
  wallet,
  policy,
  operation_id,
  actor: { kind: 'superadmin' as const, id: crypto.randomUUID() },
  reason: 'a test lost them',
  reference: null,
  ledger,
});

describe('an audit', () => {
  it('of a wallet nobody has used finds nothing, and opens nothing', async () => {
    expect(await stub.audit({ wallet })).toEqual({ ok: true, audit: null });
    expect(await stub.audit({ wallet })).toEqual({ ok: true, audit: null });
  });

  it('tells the figures, the holds summed from their own rows, and what is unconfirmed', async () => {
    const id = crypto.randomUUID();
    await stub.reserve(reserveCommandOf(wallet, 300, id));
    await stub.reserve(reserveCommandOf(wallet, 200));
    await stub.settle({ wallet, amount: 100, outcome: outcomeOf(id) });
    await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
    expect(await audit()).toMatchObject({
      seq: 4,
      policy_version: 1,
      standing: { status: 'active' },
      figures: {
        monthly: 0,
        lifetime: 900,
        reserved: 200,
        overage: 0,
        granted: 1_000,
        consumed: 100,
        expired: 0,
        in_flight: 1,
      },
      held: { reservations: 1, monthly: 0, lifetime: 200 },
      unconfirmed: { count: 1, oldest_at_ms: expect.any(Number) },
      first_kept_seq: 1,
    });
  });
});

describe('sending again', () => {
  it('makes confirmed entries due at once, and tells how many it still has', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    await stub.confirm({ wallet, first_seq: 1, last_seq: 2 });
    expect((await audit()).unconfirmed.count).toBe(0);
    expect(await stub.resend({ wallet, first_seq: 1, last_seq: 9 })).toEqual({ ok: true, resent: 2 });
    expect((await audit()).unconfirmed.count).toBe(2);
  });
});

describe('a compensation', () => {
  it('is refused while wallet and ledger agree', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    const { seq, figures } = await audit();
    expect(await stub.compensate(compensation({ seq, figures }))).toEqual({
      ok: false,
      code: 'nothing_to_repair',
    });
    expect((await audit()).seq).toBe(seq);
  });

  it('is refused when the wallet has moved on since the ledger was read', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    const { seq, figures } = await audit();
    await stub.reserve(reserveCommandOf(wallet, 1));
    const ledger = { seq, figures: { ...figures, lifetime: 7 } };
    expect(await stub.compensate(compensation(ledger))).toEqual({ ok: false, code: 'ledger_outdated' });
  });

  it('bridges a wallet that lost tokens with one entry: the sum of the entries is again what is there', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    const { seq, figures } = await audit();
    await changeState(stub, { lifetime: 950, granted: 950 });
    const answer = await stub.compensate(compensation({ seq, figures }));
    expect(answer).toMatchObject({ ok: true, seq: seq + 1, view: { lifetime: 950, reserved: 300 } });
    expect(await newest()).toMatchObject({
      kind: 'adjustment',
      amount: -50,
      lifetime_delta: -50,
      reserved_delta: 0,
      lifetime_after: 950,
      actor: { kind: 'superadmin' },
      reason: 'a test lost them',
    });
    expect((await audit()).figures).toEqual({ ...figures, lifetime: 950, granted: 950 });
  });

  it('revives a wallet whose figures broke the law, so that nothing could be done with it', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    const { seq, figures } = await audit();
    await changeState(stub, { consumed: 17 });
    const refused = await runInDurableObject(stub, (instance: Wallet) =>
      instance.reserve(reserveCommandOf(wallet, 1)).then(String, String),
    );
    expect(refused).toContain('invariant');
    expect(await stub.compensate(compensation({ seq, figures }))).toMatchObject({ ok: true });
    expect((await audit()).figures).toEqual(figures);
    expect(await stub.reserve(reserveCommandOf(wallet, 1))).toMatchObject({ ok: true });
  });

  it('counts holds from the reservations themselves', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    const { seq, figures } = await audit();
    await changeSegments(stub, dropReservations);
    const answer = await stub.compensate(compensation({ seq, figures }));
    expect(answer).toMatchObject({ ok: true, view: { reserved: 0, in_flight: 0, available: 1_000 } });
    expect(await newest()).toMatchObject({ reserved_delta: -300, reserved_after: 0 });
  });

  it('is refused where it would lead past the largest amount, from where nothing could move', async () => {
    await stub.reserve(reserveCommandOf(wallet, 1));
    const { seq, figures } = await audit();
    await changeState(stub, { lifetime: WALLET_TOKENS_MAX });
    const order = compensation({ seq, figures: { ...figures, consumed: 1 } });
    expect(await stub.compensate(order)).toEqual({ ok: false, code: 'amount_out_of_range' });
    expect((await audit()).seq).toBe(seq);
  });

  it('ordered twice is done once', async () => {
    await stub.reserve(reserveCommandOf(wallet, 300));
    const { seq, figures } = await audit();
    const order = compensation({ seq, figures: { ...figures, lifetime: 900, granted: 900 } });
    const first = await stub.compensate(order);
    expect(first).toMatchObject({ ok: true, seq: seq + 1 });
    expect(await stub.compensate(order)).toMatchObject({ ok: true, seq: seq + 1 });
    expect(await stub.compensate({ ...order, reason: 'another' })).toEqual({
      ok: false,
      code: 'idempotency_mismatch',
    });
    expect((await audit()).seq).toBe(seq + 1);
  });
});
