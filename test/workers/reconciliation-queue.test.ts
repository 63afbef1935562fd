import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { ReconciliationMessage } from '../../contracts/wallet/reconciliation.ts';
import { beginReconciliation, consumeReconciliation } from '../../worker/queues/reconciliation.ts';
import type { ReadingLimits } from '../../worker/reconciliation/reconcile-wallet.ts';
import { createLog } from '../../worker/runtime/log.ts';
import {
  arrive,
  asOwner,
  credit,
  environment,
  holdTheQueue,
  newcomer,
  SMALL_LIMITS,
  stubOf,
  tamperLedger,
  tamperWallet,
  usedWallet,
} from './checked-wallet.ts';
import { dropEntries, withState } from './wallet/stored-wallet.ts';

beforeAll(holdTheQueue);
const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
const log = createLog('error', {});

/** A separate tenant, so that no other test's wallets are checked. */
/** Its own wallet is checked after those of its users, since its id is high. */
async function newTenant(): Promise<{ tenant_id: string }> {
  const tenant_id = `ffffffff${crypto.randomUUID().slice(8)}`;
  await asOwner(
    sql`insert into tenants (id, slug, name, primary_color) values (${tenant_id}, ${`t-${tenant_id}`}, 'A tenant', '#123456')`,
  );
  return { tenant_id };
}

/** Users with unused wallets that Postgres knows. */
async function wallets(tenant: { tenant_id: string }, count: number): Promise<WalletIdentity[]> {
  const first = await newcomer(tenant);
  await asOwner(
    sql`insert into users (tenant_id, id, email, password_hash, level_id)
      select ${tenant.tenant_id}, gen_random_uuid(), n || ${`${first.user_id}@example.test`}, '-', level_id
      from users, generate_series(2, ${count}::int) n where id = ${first.user_id}`,
    sql`insert into user_token_wallets (tenant_id, user_id, seq, monthly, lifetime, reserved, overage, period, policy_version)
      select tenant_id, id, 0, 0, 0, 0, 0, '2026-11', 1 from users where tenant_id = ${tenant.tenant_id}`,
  );
  return [first];
}

function keepingQueue() {
  const kept: ReconciliationMessage[] = [];
  const queue = {
    send: async (message: ReconciliationMessage) => void kept.push(message),
    sendBatch: async (messages: { body: ReconciliationMessage }[]) =>
      void kept.push(...messages.map(({ body }) => body)),
  } as unknown as Queue<ReconciliationMessage>;
  return { kept, queue };
}

/** Delivers messages to the consumer and returns the outcome of each and the messages it queued. */
async function deliver(bodies: unknown[], bindings: Partial<Env> = {}, limits?: ReadingLimits, attempts = 1) {
  const { kept, queue } = keepingQueue();
  const messages = bodies.map((body, index) => ({
    ...{ id: String(index), timestamp: new Date(), attempts },
    body,
  }));
  const batch = createMessageBatch('reconciliation', messages);
  const bound = environment({ RECONCILIATION_QUEUE: queue, ...bindings });
  await consumeReconciliation(batch, bound, log, limits);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return {
    acked: explicitAcks,
    retried: retryMessages.map(({ msgId }: { msgId: string }) => msgId),
    sentOn: kept,
  };
}

const messageOf = ({ tenant_id }: { tenant_id: string }, before_ms = Date.now()): ReconciliationMessage => ({
  ...{ version: 1, tenant_id, before_ms },
});

const checkedIn = async ({ tenant_id }: { tenant_id: string }) =>
  Number(
    (await asOwner(sql`select count(*) from wallet_reconciliations where tenant_id = ${tenant_id}`))[0]?.[0]
      ?.count,
  );

const idsIn = async ({ tenant_id }: { tenant_id: string }) =>
  (await asOwner(sql`select id from users where tenant_id = ${tenant_id} order by id`))[0]?.map(({ id }) =>
    String(id),
  ) ?? [];

const stateOf = async ({ user_id }: WalletIdentity) =>
  (
    await asOwner(
      sql`select status, checkpoint ->> 'seq' as verified_seq from wallet_reconciliations where user_id = ${user_id}`,
    )
  )[0];

/** Returns a namespace in which some wallets cannot be reached. */
const without = (...unreachable: WalletIdentity[]) => {
  const real = environment().WALLET;
  const names = unreachable.map(({ tenant_id, user_id }) => `${tenant_id}/${user_id}`);
  const nobody = { audit: () => Promise.reject(new Error('out of reach')) };
  return {
    getByName: (name: string) => (names.includes(name) ? nobody : real.getByName(name)),
  } as unknown as Env['WALLET'];
};

describe('a run', () => {
  it('begins with a message for every tenant, since each has a wallet', async () => {
    const tenant = await newTenant();
    const empty = await newTenant();
    await wallets(tenant, 1);
    const { kept, queue } = keepingQueue();
    await beginReconciliation(environment({ RECONCILIATION_QUEUE: queue }), 1_234, log);
    expect(kept).toContainEqual(messageOf(tenant, 1_234));
    expect(kept).toContainEqual(messageOf(empty, 1_234));
  });

  it('checks page after page, each wallet once, and a repeated message does nothing again', async () => {
    const tenant = await newTenant();
    await wallets(tenant, 30);
    const message = messageOf(tenant);
    const { sentOn } = await deliver([message]);
    expect(sentOn).toEqual([{ ...message, after_user_id: (await idsIn(tenant))[24] }]);
    expect(await checkedIn(tenant)).toBe(25);
    expect(await deliver(sentOn)).toEqual({ acked: ['0'], retried: [], sentOn: [] });
    expect(await checkedIn(tenant)).toBe(30);
    const times = () =>
      asOwner(
        sql`select user_id, checked_at from wallet_reconciliations where tenant_id = ${tenant.tenant_id} order by 1`,
      );
    const before = await times();
    expect(await deliver([message, message])).toEqual({ acked: ['0', '1'], retried: [], sentOn: [] });
    expect(await times()).toEqual(before);
    await deliver([messageOf(tenant, Date.now() + 1)]);
    expect(await times()).not.toEqual(before);
  });

  it('continues by separate messages in a wallet with more entries than one check reads', async () => {
    const { wallet } = await usedWallet();
    for (let more = 0; more < 7; more++) await credit(wallet, 1);
    await arrive(wallet);
    const message = { ...messageOf(wallet), user_id: wallet.user_id };
    for (const verified_seq of [4, 8]) {
      expect(await deliver([message], {}, SMALL_LIMITS)).toEqual({
        ...{ acked: ['0'], retried: [], sentOn: [message] },
      });
      expect(await stateOf(wallet)).toEqual([{ status: 'behind', verified_seq: String(verified_seq) }]);
    }
    const late = { ...message, before_ms: message.before_ms - 3_600_001 };
    expect((await deliver([late], {}, SMALL_LIMITS)).sentOn, 'the next run has begun').toEqual([]);
    expect((await deliver([message], {}, SMALL_LIMITS)).sentOn).toEqual([]);
    expect(await stateOf(wallet)).toEqual([{ status: 'ok', verified_seq: '11' }]);
  });

  it('does not loop where entries are missing', async () => {
    const { wallet } = await usedWallet();
    for (let more = 0; more < 7; more++) await credit(wallet, 1);
    await arrive(wallet);
    await tamperWallet(wallet, dropEntries(6));
    await tamperLedger(sql`delete from user_token_ledger where user_id = ${wallet.user_id} and seq = 1`);
    const message = { ...messageOf(wallet), user_id: wallet.user_id };
    const limits = { ...SMALL_LIMITS, pages_full: 2 };
    expect((await deliver([message], {}, limits)).sentOn).toEqual([]);
    expect(await stateOf(wallet)).toMatchObject([{ status: 'different' }]);
  });

  it('finds differences and stores them', async () => {
    const { wallet } = await usedWallet();
    await tamperWallet(wallet, withState({ lifetime: 1, granted: 101 }));
    const message = { ...messageOf(wallet), user_id: wallet.user_id };
    expect(await deliver([message])).toEqual({ acked: ['0'], retried: [], sentOn: [] });
    expect(await stateOf(wallet)).toMatchObject([{ status: 'different' }]);
  });
});

describe('what fails', () => {
  it('for one wallet is retried, and delays neither other wallets nor other tenants', async () => {
    const tenant = await newTenant();
    const other = await newTenant();
    const [deaf] = await wallets(tenant, 3);
    await wallets(other, 2);
    const WALLET = without(deaf as WalletIdentity);
    const messages = [messageOf(tenant), messageOf(other)];
    const { acked, sentOn } = await deliver(messages, { WALLET });
    expect(acked).toEqual(['0', '1']);
    expect(sentOn).toEqual([{ ...messageOf(tenant, messages[0]?.before_ms), user_id: deaf?.user_id }]);
    expect([await checkedIn(tenant), await checkedIn(other)]).toEqual([2, 2]);
    expect(await deliver(sentOn, { WALLET })).toEqual({ acked: [], retried: ['0'], sentOn: [] });
    expect(await deliver(sentOn)).toEqual({ acked: ['0'], retried: [], sentOn: [] });
    expect(await checkedIn(tenant)).toBe(3);
    expect(await stubOf(deaf as WalletIdentity).audit({ wallet: deaf as WalletIdentity })).toEqual({
      ok: true,
      audit: null,
    });
  });

  it('for a whole page of wallets does not delay the next page', async () => {
    const tenant = await newTenant();
    await wallets(tenant, 30);
    const ids = await idsIn(tenant);
    const WALLET = without(...ids.slice(0, 25).map((user_id) => ({ ...tenant, user_id })));
    const { acked, sentOn } = await deliver([messageOf(tenant)], { WALLET });
    expect([acked, sentOn.length]).toEqual([['0'], 26]);
    await deliver(sentOn.slice(25), { WALLET });
    expect(await checkedIn(tenant)).toBe(5);
  });

  it('repeatedly raises one alert', async () => {
    const tenant = await newTenant();
    const [deaf] = await wallets(tenant, 1);
    const WALLET = without(deaf as WalletIdentity);
    const message = { ...messageOf(tenant), user_id: deaf?.user_id };
    said.mockClear();
    for (let attempts = 1; attempts <= 8; attempts++)
      await deliver([message], { WALLET }, undefined, attempts);
    expect(said).toHaveBeenCalledTimes(1);
    expect(JSON.parse(String(said.mock.calls[0]?.[0]))).toMatchObject({
      ...{ event: 'reconciliation_failed', tenant_id: tenant.tenant_id, user_id: deaf?.user_id },
    });
  });

  it('because Postgres is unreachable is retried', async () => {
    const tenant = await newTenant();
    const DATABASE_URL = environment().DATABASE_URL.replace('app_worker', 'nobody');
    expect(await deliver([messageOf(tenant)], { DATABASE_URL })).toEqual({
      ...{ acked: [], retried: ['0'], sentOn: [] },
    });
  });

  it('because the message is malformed is logged and dropped', async () => {
    said.mockClear();
    expect(await deliver([null, { version: 1 }, 'check them all'])).toMatchObject({ acked: ['0', '1', '2'] });
    expect(said).toHaveBeenCalledTimes(3);
  });
});
