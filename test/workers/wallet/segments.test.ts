import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import { unlimited } from '../../../durable-objects/wallet/rules/key-limits.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { findBrokenLink } from '../../../journal/verify.ts';
import { entriesOf, segmentsOf } from './stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

/** A wallet reads at most this many segments when it wakes. */
const SEGMENTS_READ = 16;

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(() => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});

const reserve = (id: string, started_at_ms = Date.now()) => {
  const command = reserveCommandOf(wallet, 2, id);
  return stub.reserve({ ...command, execution: { ...command.execution, started_at_ms } });
};
const settle = (id: string) => stub.settle({ wallet, amount: 1, outcome: outcomeOf(id) });
const newIds = (count: number) => Array.from({ length: count }, () => crypto.randomUUID());

async function execute(ids: string[]): Promise<void> {
  for (const id of ids) {
    await reserve(id);
    await settle(id);
  }
}

/** Runs executions until the wallet has more segments than it reads. Returns the ids of the executions. */
async function fillSegments(): Promise<string[]> {
  const ids: string[] = [];
  while ((await segmentsOf(stub)).length <= SEGMENTS_READ + 2) {
    const more = newIds(25);
    await execute(more);
    ids.push(...more);
  }
  return ids;
}

describe('a wallet with more segments than it reads when it wakes', () => {
  it('still has every hold, and every record of an API key', async () => {
    const held = crypto.randomUUID();
    const apiKeyId = crypto.randomUUID();
    await reserve(held);
    const command = reserveCommandOf(wallet, 2);
    const key = { ...unlimited(apiKeyId), version: 1, requests_per_minute: 1 };
    const withKey = { ...command, session_issued_at_s: null, key };
    await stub.revokeKey({ wallet, api_key_id: apiKeyId });
    await fillSegments();
    await evictDurableObject(stub);
    const execution = { ...command.execution, api_key_id: apiKeyId };
    expect(await stub.reserve({ ...withKey, execution })).toEqual({ ok: false, code: 'api_key_revoked' });
    expect(await settle(held)).toMatchObject({ ok: true, settled: 1 });
    const audited = await stub.audit({ wallet });
    expect(audited.ok && audited.audit?.held).toEqual({ reservations: 0, monthly: 0, lifetime: 0 });
  });

  it('recognizes executions that ended in any segment', async () => {
    const ids = await fillSegments();
    const [first = '', newest = ''] = [ids.at(0), ids.at(-1)];
    await evictDurableObject(stub);
    for (const id of [first, newest]) {
      expect(await settle(id), 'the same end has the same answer').toMatchObject({ ok: true, settled: 1 });
      expect(await reserve(id, 1)).toMatchObject({ ok: false });
      expect(await stub.release({ wallet, outcome: outcomeOf(id, 'failed') })).toEqual({
        ok: false,
        code: 'reservation_settled',
      });
    }
    expect(await settle(crypto.randomUUID())).toEqual({ ok: false, code: 'reservation_not_found' });
  });

  it('has a gapless chain through all of them', async () => {
    await fillSegments();
    const entries = await entriesOf(stub);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    expect(findBrokenLink(wallet, entries)).toBeUndefined();
  });
});

it('a segment without entries is pruned like others, unless it is the newest', async () => {
  vi.useFakeTimers({ now: Date.UTC(2040, 10, 10), toFake: ['Date'] });
  await execute(newIds(1));
  await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
  for (let changes = 0; changes < 80; changes++)
    await stub.setKeyLimits({ wallet, limits: { ...unlimited(crypto.randomUUID()), version: changes } });
  await execute(newIds(30));
  await stub.confirm({ wallet, first_seq: 4, last_seq: 63 });
  const hasEntries = (await segmentsOf(stub)).map(({ entries }) => entries.length > 0);
  expect(hasEntries).toContain(false);
  vi.setSystemTime(Date.now() + 8 * 86_400_000);
  await runDurableObjectAlarm(stub);
  expect(await segmentsOf(stub)).toHaveLength(1);
  vi.useRealTimers();
});

it('commands that run together share a row, and more of them than a row takes are split', async () => {
  await reserve(crypto.randomUUID());
  // The balance covers 499 of them beside the first.
  const commands = newIds(900).map((id) => {
    const command = reserveCommandOf(wallet, 2, id);
    return { ...command, execution: { ...command.execution, model: 'm'.repeat(200) } };
  });
  await runInDurableObject(stub, (instance: Wallet) =>
    Promise.all(commands.map((command) => instance.reserve(command))),
  );
  const lengths = (await segmentsOf(stub)).map((segment) => JSON.stringify(segment).length);
  expect(lengths.length).toBeLessThan(10);
  expect(Math.max(...lengths)).toBeLessThan(300_000);
  await evictDurableObject(stub);
  const read = await stub.read({ wallet, policy, session_issued_at_s: null });
  expect(read.ok && read.view.in_flight).toBe(500);
});
