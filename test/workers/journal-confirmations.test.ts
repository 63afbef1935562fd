import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import {
  type JournalEntry,
  type JournalMessage,
  tenantWallet,
  type WalletIdentity,
} from '../../contracts/wallet/journal.ts';
import type { ConfirmCommand } from '../../durable-objects/wallet/commands.ts';
import { GENESIS_HASH, hashEntry } from '../../journal/hash.ts';
import worker from '../../worker/index.ts';
import { database } from './own-database.ts';

const { worker_url, gateway_origin, spares } = database;
const [one, other, third] = spares as [WalletIdentity, WalletIdentity, WalletIdentity];

/** Returns a message with credits of 1 token, from entry `first` to entry `last` of a wallet. */
function creditsOf(wallet: WalletIdentity, first: number, last: number): JournalMessage {
  const entries: JournalEntry[] = [];
  let prev_hash = GENESIS_HASH;
  for (let seq = 1; seq <= last; seq++) {
    const unsealed = {
      ...{ seq, kind: 'credit' as const, operation_id: `credit ${seq}`, amount: 1 },
      ...{ monthly_delta: 0, lifetime_delta: 1, reserved_delta: 0, overage: 0 },
      ...{ monthly_after: 0, lifetime_after: seq, reserved_after: 0, overage_after: 0 },
      ...{ period: '2026-11', policy_version: 1, actor: { kind: 'system' as const, id: null } },
      ...{ reason: null, reference: null, execution_start: null, execution_outcome: null },
      ...{ at_ms: Date.UTC(2026, 10, 29) + seq, prev_hash },
    };
    prev_hash = hashEntry(wallet, unsealed);
    entries.push({ ...unsealed, hash: prev_hash });
  }
  return { version: 1, wallet, entries: entries.slice(first - 1) };
}

/** Delivers messages as one batch. Returns the confirmations that wallets get, as `<first seq>-<last seq>` by user. */
async function confirmationsOf(messages: JournalMessage[]): Promise<Record<string, string[]>> {
  const confirmed: Record<string, string[]> = {};
  const noting = (prefix: string) => ({
    getByName: () => ({
      confirm: async ({ wallet: { user_id }, first_seq, last_seq }: ConfirmCommand) => {
        const name = prefix + user_id;
        confirmed[name] = [...(confirmed[name] ?? []), `${first_seq}-${last_seq}`];
        return { ok: true };
      },
    }),
  });
  const wallets = noting('') as unknown as Env['WALLET'];
  const tenantWallets = noting('tenant ') as unknown as Env['TENANT_WALLET'];
  const batch = createMessageBatch(
    'journal',
    messages.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  const bindings = {
    DATABASE_URL: worker_url,
    NEON_FETCH_ENDPOINT: `${gateway_origin}/sql`,
    WALLET: wallets,
    TENANT_WALLET: tenantWallets,
  };
  await worker.queue(batch, { ...env, ...bindings }, context);
  const { retryMessages } = await getQueueResult(batch, context);
  expect(retryMessages).toEqual([]);
  return confirmed;
}

it('a wallet gets one confirmation for all its messages of a batch whose entries touch, whatever their order', async () => {
  const messages = [creditsOf(one, 7, 9), creditsOf(one, 1, 3), creditsOf(other, 1, 2), creditsOf(one, 2, 6)];
  expect(await confirmationsOf(messages)).toEqual({ [one.user_id]: ['1-9'], [other.user_id]: ['1-2'] });
  expect(await confirmationsOf([creditsOf(one, 10, 10)])).toEqual({ [one.user_id]: ['10-10'] });
});

it('entries that are not in the batch are not confirmed with those before and after them', async () => {
  const messages = [creditsOf(third, 5, 6), creditsOf(third, 1, 3)];
  expect(await confirmationsOf(messages)).toEqual({ [third.user_id]: ['1-3', '5-6'] });
});

it('the entries of a tenant’s wallet are confirmed to that wallet, beside those of its users', async () => {
  const tenant = tenantWallet(third.tenant_id);
  const messages = [creditsOf(tenant, 1, 2), creditsOf(third, 7, 7), creditsOf(tenant, 3, 3)];
  expect(await confirmationsOf(messages)).toEqual({
    [`tenant ${tenant.user_id}`]: ['1-3'],
    [third.user_id]: ['7-7'],
  });
});
