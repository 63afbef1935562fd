import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry, JournalMessage, WalletIdentity } from '../../contracts/wallet/journal.ts';
import { hashEntry } from '../../journal/hash.ts';
import { connect } from '../../worker/db/client.ts';
import { database } from './own-database.ts';
import { deliverUntilTaken } from './unreliable-queue.ts';
import { entriesOf, unconfirmedSeqsOf } from './wallet/stored-wallet.ts';
import { objectName, policy } from './wallet/wallet-commands.ts';

const { owner_url, gateway_origin, spares } = database;
const [forged, honest, foreign] = spares as [WalletIdentity, WalletIdentity, WalletIdentity];

const stubOf = (wallet: WalletIdentity) => env.WALLET.getByName(objectName(wallet));

/** Writes a few entries of a real wallet: two credits, and an allocation the first time. */
async function spend(wallet: WalletIdentity): Promise<void> {
  for (let credit = 0; credit < 2; credit++)
    await stubOf(wallet).credit({
      wallet,
      policy,
      operation_id: crypto.randomUUID(),
      amount: 5,
      actor: { kind: 'admin', id: null },
      reason: 'a test',
      reference: null,
    });
}

async function journalOf(wallet: WalletIdentity) {
  const unconfirmed = new Set(await unconfirmedSeqsOf(stubOf(wallet)));
  const entries = await entriesOf(stubOf(wallet));
  return entries.map((entry) => ({ entry, confirmed: !unconfirmed.has(entry.seq) }));
}

/** Returns the unconfirmed entries of a wallet as the message that it would send. */
async function unsent(wallet: WalletIdentity): Promise<JournalMessage> {
  const entries = (await journalOf(wallet)).filter(({ confirmed }) => !confirmed).map(({ entry }) => entry);
  return { version: 1, wallet, entries };
}

const confirmedIn = async (wallet: WalletIdentity) =>
  (await journalOf(wallet)).filter(({ confirmed }) => confirmed).length;

/** Returns the number of a wallet's entries in Postgres. */
async function storedOf({ tenant_id, user_id }: WalletIdentity): Promise<number> {
  const owner = connect({
    databaseUrl: owner_url,
    fetchEndpoint: `${gateway_origin}/sql`,
    applicationName: 'vanilla-request',
  });
  const [, { rows }] = await owner.batch([
    owner.execute(sql`select set_config('app.role', 'operator', true)`),
    owner.execute<{ count: string }>(
      sql`select count(*) from user_token_ledger where tenant_id = ${tenant_id} and user_id = ${user_id}`,
    ),
  ]);
  return Number(rows[0]?.count);
}

/** Changes the first entry of a message and hashes the entries again, so that the message is valid by itself. Keeps two entries. */
function resealed({ wallet, entries }: JournalMessage, change: Partial<JournalEntry>): JournalMessage {
  const [first, ...rest] = entries;
  if (first === undefined) throw new Error('There is nothing to change');
  const unsealed = { ...first, ...change };
  const changed = { ...unsealed, hash: hashEntry(wallet, unsealed) };
  const relinked = rest.slice(0, 1).map((entry) => {
    const next = { ...entry, prev_hash: changed.hash };
    return { ...next, hash: hashEntry(wallet, next) };
  });
  return { version: 1, wallet, entries: [changed, ...relinked] };
}

beforeEach(async () => {
  await spend(forged);
  await spend(honest);
});

describe('a journal message', () => {
  it.each<[string, (message: JournalMessage) => unknown]>([
    [
      'with a changed amount',
      (message) => ({ ...message, entries: message.entries.map((entry) => ({ ...entry, amount: 6 })) }),
    ],
    [
      'with a changed hash',
      (message) => ({
        ...message,
        entries: message.entries.map((entry) => ({ ...entry, hash: entry.hash.replace(/^./, 'f') })),
      }),
    ],
    ["with another tenant's wallet in its place", (message) => ({ ...message, wallet: foreign })],
    [
      "with another user's wallet of the tenant in its place",
      (message) => ({ ...message, wallet: { ...message.wallet, user_id: foreign.user_id } }),
    ],
    ['that leaves an entry out', (message) => ({ ...message, entries: message.entries.toSpliced(1, 1) })],
    ['in another order', (message) => ({ ...message, entries: message.entries.toReversed() })],
    ['of another version', (message) => ({ ...message, version: 2 })],
    ['without entries', (message) => ({ ...message, entries: [] })],
    ['that is none at all', () => 'all your tokens are belong to us'],
  ])('%s is refused for good: nothing is written or confirmed, and its neighbours are', async (_, forge) => {
    await spend(forged);
    const before = { stored: await storedOf(forged), confirmed: await confirmedIn(forged) };
    const neighbour = await unsent(honest);
    expect(await deliverUntilTaken([forge(await unsent(forged)), neighbour])).toEqual([]);
    expect({ stored: await storedOf(forged), confirmed: await confirmedIn(forged) }).toEqual(before);
    expect(await storedOf(foreign)).toBe(0);
    expect(await storedOf(honest)).toBe(neighbour.entries.at(-1)?.seq);
    expect(await unsent(honest)).toMatchObject({ entries: [] });
  });

  it('that is valid by itself but contradicts the stored journal is refused permanently, and others of its batch are stored', async () => {
    await deliverUntilTaken([await unsent(forged)]);
    const before = await storedOf(forged);
    await spend(forged);
    const truth = await unsent(forged);
    const taken = (await journalOf(forged)).slice(-3).map(({ entry }) => entry);
    const stories = [
      // In the place of an existing entry, and after it without a link to it.
      resealed({ ...truth, entries: taken }, { reason: 'it never happened so' }),
      resealed(truth, { prev_hash: 'a'.repeat(64) }),
    ];
    for (const story of stories) {
      await spend(honest);
      const neighbour = await unsent(honest);
      expect(await deliverUntilTaken([story, neighbour])).toEqual([]);
      expect(await storedOf(forged)).toBe(before);
      expect(await storedOf(honest)).toBe(neighbour.entries.at(-1)?.seq);
    }
    expect((await unsent(forged)).entries).toHaveLength(2);
    expect(await deliverUntilTaken([truth])).toEqual([]);
    expect(await storedOf(forged)).toBe(truth.entries.at(-1)?.seq);
    expect((await unsent(forged)).entries).toEqual([]);
  });
});
