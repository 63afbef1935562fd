import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { GENESIS_HASH, hashEntry } from '../../../journal/hash.ts';
import { entriesOf, unconfirmedSeqsOf } from './stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(() => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});

const reserveCommand = (amount: number, id?: string, changes?: Partial<WalletPolicy>) =>
  reserveCommandOf(wallet, amount, id, changes);

const read = () => stub.read({ wallet, policy, session_issued_at_s: null });

async function available(): Promise<number> {
  const answer = await read();
  if (!answer.ok) throw new Error(answer.code);
  return answer.view.available;
}

describe('a wallet under concurrency', () => {
  it('lets exactly ten of two hundred parallel reservations through when the balance covers ten', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => stub.reserve(reserveCommand(100))));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(10);
    expect(answers.filter((answer) => !answer.ok && answer.code === 'insufficient_balance')).toHaveLength(
      190,
    );
    expect(await available()).toBe(0);
  });

  it('makes one reservation of fifty parallel repetitions of one command', async () => {
    const command = reserveCommand(100);
    const answers = await Promise.all(Array.from({ length: 50 }, () => stub.reserve(command)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(await available()).toBe(900);
  });

  it('settles once when fifty settlements race', async () => {
    const command = reserveCommand(100);
    await stub.reserve(command);
    const settlement = { wallet, amount: 40, outcome: outcomeOf(command.execution.id) };
    const answers = await Promise.all(Array.from({ length: 50 }, () => stub.settle(settlement)));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(await available()).toBe(960);
    expect((await entriesOf(stub)).filter(({ kind }) => kind === 'debit')).toHaveLength(1);
  });
});

describe('a wallet that is evicted in mid-sequence', () => {
  it('remembers its balance, its reservations and what they answered', async () => {
    const command = reserveCommand(300);
    await stub.reserve(command);
    await evictDurableObject(stub);
    expect(await available()).toBe(700);
    expect(await stub.reserve(command)).toMatchObject({ ok: true, reserved: 300 });
    await evictDurableObject(stub);
    expect(
      await stub.settle({ wallet, amount: 120, outcome: outcomeOf(command.execution.id) }),
    ).toMatchObject({
      ok: true,
      settled: 120,
      released: 180,
    });
    await evictDurableObject(stub);
    expect(await stub.release({ wallet, outcome: outcomeOf(command.execution.id, 'failed') })).toEqual({
      ok: false,
      code: 'reservation_settled',
    });
    expect(await available()).toBe(880);
  });

  it('keeps every raise that it acknowledged, and what a lowered hold gave back, however it stops meanwhile', async () => {
    const anew = () => env.WALLET.getByName(objectName(wallet));
    const ids = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    for (const id of ids) await stub.reserve(reserveCommand(100, id));
    const acknowledged = new Map(ids.map((id) => [id, 100]));
    const change = async (execution_id: string, command: { amount?: number; lowers_from?: number }) => {
      const answer = await anew().extend({ wallet, execution_id, ...command });
      if (!answer.ok) throw new Error(answer.code);
      return answer.reserved;
    };
    for (let round = 1; round <= 4; round += 1) {
      const raises = ids.map(async (id) => {
        const held = acknowledged.get(id) ?? 0;
        const lowers = round === 3 ? { amount: 60, lowers_from: held } : { amount: 100 + 40 * round };
        acknowledged.set(id, await change(id, lowers));
      });
      await Promise.allSettled([...raises, evictDurableObject(anew())]);
      for (const id of ids) {
        const kept = await change(id, {});
        if (round !== 3) expect(kept).toBeGreaterThanOrEqual(acknowledged.get(id) ?? 0);
        acknowledged.set(id, kept);
      }
      const held = [...acknowledged.values()].reduce((sum, one) => sum + one, 0);
      expect(await available()).toBe(1_000 - held);
    }
    await evictDurableObject(anew());
    for (const id of ids) {
      const amount = acknowledged.get(id) ?? 0;
      expect(await anew().settle({ wallet, amount, outcome: outcomeOf(id) })).toMatchObject({ ok: true });
    }
    const spent = [...acknowledged.values()].reduce((sum, one) => sum + one, 0);
    expect(await available()).toBe(1_000 - spent);
    const entries = await entriesOf(anew());
    expect(entries.at(-1)).toMatchObject({ reserved_after: 0, lifetime_after: 1_000 - spent });
    for (const { monthly_after, lifetime_after, reserved_after } of entries)
      expect(reserved_after).toBeLessThanOrEqual(monthly_after + lifetime_after);
  });

  it('remembers which credits it has had', async () => {
    const credit = {
      wallet,
      policy,
      operation_id: 'invoice-1',
      amount: 500,
      actor: { kind: 'admin' as const, id: crypto.randomUUID() },
      reason: 'bought',
      reference: 'invoice-1',
    };
    const first = await stub.credit(credit);
    await evictDurableObject(stub);
    expect(await stub.credit(credit)).toMatchObject({ ok: true, seq: first.ok && first.seq });
    expect(await stub.credit({ ...credit, amount: 501 })).toEqual({
      ok: false,
      code: 'idempotency_mismatch',
    });
    expect(await available()).toBe(1_500);
  });

  it('remembers who was signed out', async () => {
    await stub.revokeSessions({ wallet, issued_before_s: 1_000 });
    await evictDurableObject(stub);
    expect(await stub.reserve(reserveCommand(1))).toEqual({ ok: false, code: 'session_revoked' });
    expect(await stub.read({ wallet, policy, session_issued_at_s: 1_001 })).toMatchObject({ ok: true });
  });
});

describe("a reservation's deadline", () => {
  it('gives the tokens back by alarm, and tells the journal that the execution expired', async () => {
    const { execution } = reserveCommand(300);
    await stub.reserve(reserveCommand(300, execution.id, { version: 2, reservation_lifetime_ms: 1_000 }));
    expect(await available()).toBe(700);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await runDurableObjectAlarm(stub);
    expect(await available()).toBe(1_000);
    const expiry = (await entriesOf(stub)).find(({ kind }) => kind === 'expiry');
    expect(expiry?.execution_outcome).toMatchObject({ id: execution.id, status: 'expired' });
    expect(await stub.settle({ wallet, amount: 10, outcome: outcomeOf(execution.id) })).toEqual({
      ok: false,
      code: 'reservation_expired',
    });
  });
});

describe("a wallet's journal", () => {
  it('is gapless and hash-chained over everything that happened', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const command = reserveCommand(50);
      await stub.reserve(command);
      await stub.settle({ wallet, amount: turn, outcome: outcomeOf(command.execution.id) });
    }
    let previous = GENESIS_HASH;
    const entries = await entriesOf(stub);
    entries.forEach((entry, index) => {
      expect(entry).toMatchObject({ seq: index + 1, prev_hash: previous });
      expect(hashEntry(wallet, entry)).toBe(entry.hash);
      previous = entry.hash;
    });
    expect(entries).toHaveLength(11);
  });

  it('is sent, stays unconfirmed until Postgres has it, and is sent no more once confirmed', async () => {
    await stub.reserve(reserveCommand(50));
    await new Promise((resolve) => setTimeout(resolve, 250));
    await runDurableObjectAlarm(stub);
    expect(await unconfirmedSeqsOf(stub)).toEqual([1, 2]);
    await stub.confirm({ wallet, first_seq: 1, last_seq: 2 });
    await stub.confirm({ wallet, first_seq: 1, last_seq: 2 });
    expect(await unconfirmedSeqsOf(stub)).toEqual([]);
    const nextAlarmMs = await runInDurableObject(stub, (_: Wallet, state) => state.storage.getAlarm());
    // Only the reservation's deadline is left to wait for.
    expect(nextAlarmMs).toBeGreaterThan(Date.now() + 4_000);
  });
});

describe("a wallet's storage", () => {
  it('forgets, a week after they were written, entries that Postgres has and the reservations they ended, and nothing else', async () => {
    const ids = Array.from({ length: 20 }, () => crypto.randomUUID());
    for (const id of ids) {
      await stub.reserve(reserveCommandOf(wallet, 50, id));
      await stub.settle({ wallet, amount: 1, outcome: outcomeOf(id) });
    }
    const [first = '', last = ''] = [ids.at(0), ids.at(-1)];
    await stub.confirm({ wallet, first_seq: 1, last_seq: 41 });
    vi.useFakeTimers({ now: Date.now() + 8 * 86_400_000, toFake: ['Date'] });
    const held = reserveCommand(70);
    await stub.reserve(held);
    await runDurableObjectAlarm(stub);
    const again = (id: string) => stub.settle({ wallet, amount: 1, outcome: outcomeOf(id) });
    expect(await again(first)).toEqual({ ok: false, code: 'reservation_not_found' });
    expect(await again(last), 'its segment is still written to').toMatchObject({ ok: true, settled: 1 });
    expect((await entriesOf(stub)).at(-1)?.seq).toBe(42);
    expect(await stub.settle({ wallet, amount: 7, outcome: outcomeOf(held.execution.id) })).toMatchObject({
      ok: true,
    });
    expect(await available()).toBe(973);
    vi.useRealTimers();
  });
});

describe('a command', () => {
  it('for another wallet is refused', async () => {
    await stub.reserve(reserveCommand(1));
    const foreign = { tenant_id: wallet.tenant_id, user_id: crypto.randomUUID() };
    expect(await stub.read({ wallet: foreign, policy, session_issued_at_s: null })).toEqual({
      ok: false,
      code: 'wrong_wallet',
    });
    expect(await stub.reserve({ ...reserveCommand(1), wallet: foreign })).toEqual({
      ok: false,
      code: 'wrong_wallet',
    });
  });

  it.each([Number.NaN, -1, 0.5, 2 ** 51, '7'])(
    'with the amount %o is refused and changes nothing',
    async (amount) => {
      expect(await stub.reserve(reserveCommand(amount as number))).toEqual({
        ok: false,
        code: 'amount_out_of_range',
      });
      expect(await available()).toBe(1_000);
    },
  );
});
