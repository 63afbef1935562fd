import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { executionReceipt } from '../../contracts/api/executions.ts';
import { type JournalMessage, journalMessage } from '../../contracts/wallet/journal.ts';
import { hashEntry } from '../../journal/hash.ts';
import { runAsUser } from '../../worker/db/context.ts';
import {
  getExecution,
  listExecutions,
  receiptOf,
  selectEntriesOfExecution,
} from '../../worker/db/executions/executions.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { listLedger, readEntriesOfWallet } from '../../worker/db/ledger/ledger.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, roundTripsOf, startTestDatabase } from './database.ts';
import { appliedPrice, entriesOf, messagesOf, outcomeOf, runOf, startOf } from './journal-entries.ts';
import { makeWorld, type Place, userRow } from './world.ts';

const database = await startTestDatabase();
const { owner } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, foreign } = places;
const worker = connectAsWorker(database);
// Users read here what the journal brought.
await owner.query('update tenants set shows_provider_cost = true');
afterAll(() => database.stop());

type WalletPlace = Pick<Place, 'tenant_id' | 'user_id'>;

/** Creates a user with an unused wallet in the tenant of `place`. */
async function newcomer(place: Place): Promise<WalletPlace> {
  const row = userRow(place.tenant_id, place.level_id);
  await insertRow(owner, 'users', row);
  return { tenant_id: place.tenant_id, user_id: row.id };
}

const claimsOf = ({ tenant_id, user_id }: WalletPlace) => ({
  tenantId: tenant_id,
  userId: user_id,
  iat: 1_000_000,
  exp: 2_000_000,
});
const admin = claimsOf({ tenant_id: own.tenant_id, user_id: admin_id });

const walletRow = async ({ user_id }: WalletPlace) =>
  (await owner.query('select * from user_token_wallets where user_id = $1', [user_id])).rows[0];
const ledgerRows = async ({ user_id }: WalletPlace) =>
  (await owner.query('select * from user_token_ledger where user_id = $1 order by seq', [user_id])).rows;

const mustBeOk = <Value>(result: { ok: true; value: Value } | { ok: false; failure: unknown }): Value => {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

/** Shuffles with a seed, so that a failure can be repeated. */
function shuffled<Item>(items: Item[], seed: number): Item[] {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state;
  };
  return items
    .map((item) => ({ item, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe('the journal of a wallet', () => {
  it('becomes ledger, wallet and executions, for many wallets of several tenants in one round trip', async () => {
    const people = [await newcomer(own), await newcomer(own), await newcomer(foreign)];
    const runs = people.map((person) => runOf(person, 3));
    const messages = runs.flatMap((run) => messagesOf(run));
    expect(await roundTripsOf(database, () => projectJournal(worker, messages))).toBe(1);
    for (const [index, person] of people.entries()) {
      expect(await ledgerRows(person)).toHaveLength(7);
      expect(await walletRow(person)).toMatchObject({ seq: '7', lifetime: '940', reserved: '0' });
      const page = mustBeOk(await listExecutions(worker, claimsOf(person), { limit: 10 }));
      expect(page.items.map(({ id }) => id)).toEqual(runs[index]?.execution_ids.toReversed());
    }
  });

  it('is stored so that every hash can be computed again', async () => {
    const person = await newcomer(own);
    const { wallet, entries } = runOf(person, 2);
    await projectJournal(worker, messagesOf({ wallet, entries }));
    const stored = await ledgerRows(person);
    for (const [index, entry] of entries.entries()) {
      const { actor_kind, actor_id, ...columns } = stored[index];
      // int8 is returned as text; every other value is as the wallet hashed it.
      const kept = Object.entries(entry)
        .filter(([name]) => name !== 'actor')
        .map(([name, value]) => [name, typeof value === 'number' ? Number(columns[name]) : columns[name]]);
      const again = { ...Object.fromEntries(kept), actor: { kind: actor_kind, id: actor_id } };
      expect(again).toEqual(entry);
      expect(hashEntry(wallet, again)).toBe(entry.hash);
    }
  });

  it('names the price of each execution, and is read alike from before it did, hash by hash', async () => {
    const { tenant_id, user_id } = await newcomer(own);
    const wallet = { tenant_id, user_id };
    const [before, since] = [uuidv7(), uuidv7()];
    const run = (id: string, more: object) => [
      ...[
        {
          kind: 'reserve' as const,
          operation_id: id,
          amount: 50,
          reserved: 50,
          execution_start: startOf(id),
        },
      ],
      {
        ...{ kind: 'debit' as const, operation_id: id, amount: 20, lifetime: -20, reserved: -50 },
        execution_outcome: { ...outcomeOf(id), ...more },
      },
    ];
    const entries = entriesOf(wallet, [
      { kind: 'allocation', operation_id: 'allocation', amount: 100, lifetime: 100 },
      ...run(before, {}),
      ...run(since, { price: appliedPrice }),
    ]);
    const messages = messagesOf({ wallet, entries }, 5);
    const sent = messages.map((message) => journalMessage.parse(JSON.parse(JSON.stringify(message))));
    expect(sent).toEqual(messages);
    await projectJournal(worker, sent);
    const prices = [];
    for (const id of [before, since]) {
      const receipt = mustBeOk(await getExecution(worker, claimsOf(wallet), id));
      expect(executionReceipt.parse(receipt)).toEqual(receipt);
      prices.push([receipt.price_version, receipt.price]);
    }
    expect(prices).toEqual([
      [2, null],
      [2, appliedPrice],
    ]);
    const range = { after_seq: 0, last_seq: 10, limit: 10 };
    const stored = await readEntriesOfWallet(worker, wallet, range);
    expect(stored.map((entry) => hashEntry(wallet, entry))).toEqual(entries.map(({ hash }) => hash));
  });

  it.each([1, 2, 3, 4, 5])(
    'ends the same whatever is late, doubled or out of order (shuffle %i)',
    async (seed) => {
      const person = await newcomer(own);
      const run = runOf(person, 4);
      const deliveries = shuffled(
        [...messagesOf(run, 1), ...messagesOf(run, 2), ...messagesOf(run, 4)],
        seed,
      );
      for (let from = 0; from < deliveries.length; from += 3) {
        await projectJournal(worker, deliveries.slice(from, from + 3));
      }
      expect((await ledgerRows(person)).map(({ hash }) => hash)).toEqual(run.entries.map(({ hash }) => hash));
      expect(await walletRow(person)).toMatchObject({ seq: '9', lifetime: '920', reserved: '0' });
      const { items } = mustBeOk(await listExecutions(worker, claimsOf(person), { limit: 10 }));
      expect(items).toHaveLength(4);
      for (const execution of items) {
        expect(execution).toMatchObject({
          model: 'auto',
          status: 'succeeded',
          tokens_reserved: 50,
          tokens_charged: 20,
          cost_micro_usd: 11,
          price_version: 2,
          provider: { name: 'OpenAI', model: 'gpt-5.4-mini' },
          usage: { input_tokens: 9, output_tokens: 4 },
          attempts: [{ latency_ms: 250 }],
          created_at: '2026-11-23T12:00:00.000Z',
          finished_at: '2026-11-23T12:00:00.300Z',
        });
      }
    },
  );

  it('names the model that answered and what was asked for, whichever arrives first', async () => {
    for (const isOutcomeFirst of [false, true]) {
      const person = await newcomer(own);
      const id = uuidv7();
      const routing = { asked_models: ['latest', 'spare'], strategy: 'weighted' as const, kept: false };
      const entries = entriesOf(person, [
        { kind: 'allocation', operation_id: 'allocation', amount: 1_000, lifetime: 1_000 },
        {
          ...{ kind: 'reserve', operation_id: id, amount: 50, reserved: 50 },
          execution_start: { ...startOf(id), model: 'large', routing },
        },
        {
          ...{ kind: 'debit', operation_id: id, amount: 20, lifetime: -20, reserved: -50 },
          execution_outcome: { ...outcomeOf(id), model: 'spare' },
        },
      ]);
      const [start, outcome] = [entries.slice(0, 2), entries.slice(2)];
      for (const part of isOutcomeFirst ? [outcome, start] : [start, outcome])
        await projectJournal(worker, messagesOf({ wallet: person, entries: part }));
      const receipt = mustBeOk(await getExecution(worker, claimsOf(person), id));
      expect(receipt).toMatchObject({ status: 'succeeded', model: 'spare', routing });
      expect(executionReceipt.safeParse(receipt).error).toBe(undefined);
    }
  });

  it('moves the wallet forward only', async () => {
    const person = await newcomer(own);
    const run = runOf(person, 1);
    const [first, ...later] = messagesOf(run, 1);
    if (first === undefined) throw new Error('no message');
    await projectJournal(worker, later);
    await projectJournal(worker, [first]);
    expect(await walletRow(person)).toMatchObject({ seq: '3', lifetime: '980' });
  });

  it('shows an execution as running until its outcome is in, and charges nothing for one that was released', async () => {
    const person = await newcomer(own);
    const id = uuidv7();
    const entries = entriesOf(person, [
      { kind: 'allocation', operation_id: 'allocation', amount: 1_000, lifetime: 1_000 },
      { kind: 'reserve', operation_id: id, amount: 50, reserved: 50, execution_start: startOf(id) },
      {
        kind: 'release',
        operation_id: id,
        amount: 50,
        reserved: -50,
        execution_outcome: outcomeOf(id, 'failed'),
      },
    ]);
    await projectJournal(worker, messagesOf({ wallet: person, entries: entries.slice(0, 2) }));
    const running = mustBeOk(await getExecution(worker, claimsOf(person), id));
    expect(running).toMatchObject({
      status: 'running',
      tokens_reserved: 50,
      tokens_charged: 0,
      tokens_released: null,
      balance_after: null,
      finished_at: null,
    });
    await projectJournal(worker, messagesOf({ wallet: person, entries: entries.slice(2) }));
    const failed = mustBeOk(await getExecution(worker, claimsOf(person), id));
    expect(failed).toMatchObject({
      status: 'failed',
      tokens_reserved: 50,
      tokens_charged: 0,
      tokens_released: 50,
      balance_after: 1_000,
      price_version: 3,
      policy: null,
    });
    expect(failed.ledger.map(({ seq, kind }) => [seq, kind])).toEqual([
      [2, 'reserve'],
      [3, 'release'],
    ]);
  });

  it('may hold more values than a statement may have parameters', async () => {
    const person = await newcomer(own);
    const run = runOf(person, 2_000, 50_000);
    await projectJournal(worker, messagesOf(run, 100));
    expect(await ledgerRows(person)).toHaveLength(4_001);
  });

  it('does not deadlock with another consumer that has the same entries in another order', async () => {
    const people: WalletPlace[] = [];
    for (let count = 0; count < 20; count += 1) people.push(await newcomer(own));
    const messages = people.flatMap((person) => messagesOf(runOf(person, 2), 2));
    await Promise.all([1, 2, 3, 4].map((seed) => projectJournal(worker, shuffled(messages, seed))));
    for (const person of people) expect(await walletRow(person)).toMatchObject({ seq: '5' });
  });

  it('with nothing in it asks nothing', async () => {
    expect(await roundTripsOf(database, () => projectJournal(worker, []))).toBe(0);
  });
});

describe('a journal message that is refused', () => {
  const codeOf = async (messages: JournalMessage[]) => {
    const written = await projectJournal(worker, messages);
    return written.ok ? null : written.failure.code;
  };

  it('because its chain forks takes its whole batch with it: nothing is written', async () => {
    const person = await newcomer(own);
    const bystander = await newcomer(own);
    await projectJournal(worker, messagesOf(runOf(person, 1)));
    const batch = [...messagesOf(runOf(bystander, 1)), ...messagesOf(runOf(person, 2))];
    expect(await codeOf(batch)).toBe('journal_forked');
    expect(await ledgerRows(person)).toHaveLength(3);
    expect(await ledgerRows(bystander)).toEqual([]);
  });

  it.each([
    ['a user nobody knows', () => ({ tenant_id: own.tenant_id, user_id: uuidv7() })],
    ['a user of another tenant', () => ({ tenant_id: own.tenant_id, user_id: foreign.user_id })],
  ])('because it is of %s writes nothing', async (_, wallet) => {
    expect(await codeOf(messagesOf(runOf(wallet(), 1)))).toBe('journal_wallet_unknown');
  });

  it('because another wallet’s execution is in it changes nothing of that execution', async () => {
    const victim = await newcomer(own);
    const thief = await newcomer(own);
    const run = runOf(victim, 1);
    const [id = ''] = run.execution_ids;
    await projectJournal(worker, messagesOf({ ...run, entries: run.entries.slice(0, 2) }));
    const stolen = entriesOf(thief, [
      { kind: 'debit', operation_id: id, amount: 0, execution_outcome: outcomeOf(id, 'cancelled') },
    ]);
    await projectJournal(worker, messagesOf({ wallet: thief, entries: stolen }));
    expect(mustBeOk(await getExecution(worker, claimsOf(victim), id)).status).toBe('running');
  });
});

describe('executions', () => {
  it('are listed to their user, to admins for the whole tenant or one user, and to nobody else', async () => {
    const person = await newcomer(own);
    const stranger = await newcomer(foreign);
    const run = runOf(person, 3);
    await projectJournal(worker, messagesOf(run));
    const newest = run.execution_ids.at(-1) ?? '';
    const idsFor = async (claims: ReturnType<typeof claimsOf>, user_id?: string) =>
      mustBeOk(await listExecutions(worker, claims, { limit: 100 }, { user_id })).items.map(({ id }) => id);
    expect(await idsFor(claimsOf(person))).toHaveLength(3);
    expect(await idsFor(admin, person.user_id)).toHaveLength(3);
    expect((await idsFor(admin))[0]).toBe(newest);
    expect(await idsFor(claimsOf(own), person.user_id)).toEqual([]);
    expect(await idsFor(claimsOf(stranger), person.user_id)).toEqual([]);
    for (const claims of [claimsOf(stranger), claimsOf(own)]) {
      expect(await getExecution(worker, claims, newest)).toEqual({
        ok: false,
        failure: { code: 'not_found' },
      });
    }
    expect(await getExecution(worker, admin, newest)).toMatchObject({ ok: true });
  });

  it('come page by page, newest first, each once, in one round trip a page', async () => {
    const person = await newcomer(own);
    const run = runOf(person, 7);
    await projectJournal(worker, messagesOf(run));
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 4; page += 1) {
      const query = { limit: 3, ...(cursor === undefined ? {} : { cursor }) };
      const answer = mustBeOk(await listExecutions(worker, claimsOf(person), query));
      seen.push(...answer.items.map(({ id }) => id));
      if (answer.next_cursor === null) break;
      cursor = answer.next_cursor;
    }
    expect(seen).toEqual(run.execution_ids.toReversed());
    const list = () => listExecutions(worker, claimsOf(person), { limit: 3 });
    expect(await roundTripsOf(database, list)).toBe(1);
    const foreignCursor = { limit: 3, cursor: btoa('1') };
    expect(await listExecutions(worker, admin, foreignCursor)).toMatchObject({
      failure: { code: 'invalid_cursor' },
    });
  });
});

describe('the ledger', () => {
  it('is listed newest first, page by page, with the balance after each entry', async () => {
    const person = await newcomer(own);
    const { entries, execution_ids, wallet } = runOf(person, 2);
    await projectJournal(worker, messagesOf({ wallet, entries }));
    const first = mustBeOk(await listLedger(worker, claimsOf(person), { limit: 3 }, person.user_id));
    expect(first.items.map(({ seq, available_after }) => [seq, available_after])).toEqual([
      [5, 960],
      [4, 930],
      [3, 980],
    ]);
    expect(first.items[0]).toMatchObject({ kind: 'debit', amount: 20, execution_id: execution_ids[1] });
    const cursor = first.next_cursor ?? '';
    const rest = mustBeOk(await listLedger(worker, claimsOf(person), { limit: 3, cursor }, person.user_id));
    expect(rest.items.map(({ seq }) => seq)).toEqual([2, 1]);
    expect(rest.next_cursor).toBeNull();
  });

  it('of somebody else is open to admins of their tenant and empty to others', async () => {
    const person = await newcomer(own);
    await projectJournal(worker, messagesOf(runOf(person, 1)));
    const seenBy = async (claims: ReturnType<typeof claimsOf>) =>
      mustBeOk(await listLedger(worker, claims, { limit: 10 }, person.user_id)).items.length;
    expect(await seenBy(admin)).toBe(3);
    expect(await seenBy(claimsOf(own))).toBe(0);
    expect(await seenBy(claimsOf(foreign))).toBe(0);
  });
});

it('the receipt of an execution whose end arrives between its row and its entries is that of a running one', async () => {
  const person = await newcomer(own);
  const run = runOf(person, 1);
  const [id = ''] = run.execution_ids;
  await projectJournal(worker, messagesOf(run));
  const claims = claimsOf(person);
  const [entries] = mustBeOk(await runAsUser(worker, claims, [selectEntriesOfExecution(worker, claims, id)]));
  expect(receiptOf(entries, false).ledger).toHaveLength(2);
  expect(receiptOf(entries, true)).toMatchObject({
    ...{ tokens_released: null, overage: null, balance_after: null },
    ledger: [{ kind: 'reserve' }],
  });
});
