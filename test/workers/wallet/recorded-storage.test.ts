/// <reference types="vite/types/importMeta.d.ts" />
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WalletView } from '../../../contracts/api/wallet.ts';
import type { JournalEntry, JournalMessage } from '../../../contracts/wallet/journal.ts';
import type { WalletAudit } from '../../../durable-objects/wallet/commands.ts';
import type { Segment } from '../../../durable-objects/wallet/segment.ts';
import { hashEntry } from '../../../journal/hash.ts';
import { findBrokenLink, GENESIS, proofFrom, readEntries } from '../../../journal/verify.ts';
import { apiKeyIdOf, DrivenWallet, executionIdOf, keyLimitsOf, scenarios } from './recorded-scenarios.ts';
import { dumpStorage, restoreStorage, type StorageDump } from './storage-dump.ts';
import { reserveCommandOf } from './wallet-commands.ts';

/**
 * Storage written by earlier code must open in this code. Each file of test/workers/fixtures holds what the code of its date
 * stored for the wallets of recorded-scenarios.ts, with the time, the answers, the audit and the view at the end.
 *
 * A recording is never regenerated, since it stands for wallets in production. When this code stores something else on
 * purpose (one more field in an entry, one more migration), set NEWEST to a new date and run this file: it writes the
 * recording when the file does not exist. Then run `npm run format`. All older recordings must still open.
 */
const NEWEST = '2026-11-29';

const HOUR_MS = 3_600_000;

type Recording = {
  now_ms: number;
  wallet: DrivenWallet['wallet'];
  policy: DrivenWallet['policy'];
  answers: string[];
  audit: WalletAudit;
  view: WalletView | null;
  storage: StorageDump;
};

const files = import.meta.glob<Record<string, Recording>>('../fixtures/wallet-storage-*.json', {
  eager: true,
  import: 'default',
});

const sent: JournalMessage[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  sent.length = 0;
  const sendBatch = async (messages: Iterable<{ body: JournalMessage }>) => {
    for (const { body } of messages) sent.push(body);
  };
  Object.defineProperty(env, 'JOURNAL_QUEUE', { value: { sendBatch } });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The entries of a dump, in the layout of its time: a row each, or in segments. */
const entriesOf = ({ rows: { journal = [], segments = [] } }: StorageDump): JournalEntry[] => [
  ...journal.map(({ entry }) => JSON.parse(String(entry))),
  ...segments.flatMap(({ body }) => JSON.parse(String(body)).entries),
];

/** The numbers of the entries of a dump that Postgres has not confirmed. */
const unconfirmedSeqs = ({ rows: { journal = [], segments = [] } }: StorageDump): number[] => {
  const newest: Pick<Segment, 'unconfirmed'> = JSON.parse(
    String(segments.at(-1)?.body ?? '{"unconfirmed":[]}'),
  );
  return [
    ...journal.filter(({ confirmed_at_ms }) => confirmed_at_ms === null).map(({ seq }) => Number(seq)),
    ...newest.unconfirmed.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    ),
  ];
};

const viewOf = async ({ stub, wallet, policy }: DrivenWallet) => {
  const answer = await stub.read({ wallet, policy, session_issued_at_s: null });
  return answer.ok ? answer.view : null;
};

async function record(driven: DrivenWallet): Promise<Recording> {
  const { wallet, policy, answers } = driven;
  const audit = await driven.audit();
  // Reading a wallet that was never used would open it.
  const view = audit.seq === 0 ? null : await viewOf(driven);
  const storage = await dumpStorage(driven.stub);
  return { now_ms: Date.now(), wallet, policy, answers, audit, view, storage };
}

/** Restores the storage and the time of the recording; the next command opens it. */
async function reopen({ now_ms, wallet, policy, storage }: Recording): Promise<DrivenWallet> {
  vi.setSystemTime(now_ms);
  const driven = new DrivenWallet(wallet, policy);
  await restoreStorage(driven.stub, storage);
  // What the object sent before its storage was replaced.
  sent.length = 0;
  return driven;
}

it('the scenarios store, byte for byte, the newest recording', async () => {
  const recordings: Record<string, Recording> = {};
  for (const { name, run } of scenarios) recordings[name] = await record(await run());
  const file = `../fixtures/wallet-storage-${NEWEST}.json`;
  if (files[file] === undefined) await expect(JSON.stringify(recordings, null, 2)).toMatchFileSnapshot(file);
  else expect(recordings).toEqual(files[file]);
});

const recordings = Object.entries(files).flatMap(([file, wallets]) =>
  Object.entries(wallets).map(([name, recording]) => ({ file, name, recording })),
);

describe.each(recordings)('the wallet “$name” of $file', ({ recording }) => {
  it('opens with the audit and the view of its recording', async () => {
    const driven = await reopen(recording);
    expect(await driven.audit()).toEqual(recording.audit);
    if (recording.view !== null) expect(await viewOf(driven)).toEqual(recording.view);
  });

  it('has a gapless hash chain up to its newest entry, and every hash can be recomputed', () => {
    const { wallet, audit, storage } = recording;
    const entries = entriesOf(storage);
    expect(entries.map((entry) => hashEntry(wallet, entry))).toEqual(entries.map(({ hash }) => hash));
    expect(findBrokenLink(wallet, entries)).toBeUndefined();
    expect(entries.at(-1)?.seq ?? 0).toBe(audit.seq);
    if (entries[0]?.seq !== 1) return;
    const { differences, head } = readEntries(wallet, proofFrom(GENESIS), entries);
    expect(differences).toEqual([]);
    expect(head).toEqual({ seq: audit.seq, hash: audit.last_hash, figures: audit.figures });
  });

  it('sends the unconfirmed entries, and no others', async () => {
    const driven = await reopen(recording);
    vi.setSystemTime(recording.now_ms + 31_000);
    await driven.runAlarm();
    // On a busy machine an object of an earlier test may still be sending entries of another wallet.
    const own = new Set(entriesOf(recording.storage).map(({ hash }) => hash));
    const entries = sent.flatMap((message) => message.entries).filter(({ hash }) => own.has(hash));
    expect([...new Set(entries.map(({ seq }) => seq))]).toEqual(unconfirmedSeqs(recording.storage));
  });

  it('keeps its entries unchanged and continues their chain without a gap', async () => {
    const driven = await reopen(recording);
    const { wallet, audit, storage } = recording;
    await driven.correct('credit', 'invoice/new', 100);
    await driven.stub.setStanding({ wallet, status: 'active', version: 9 });
    await driven.reserve(10, 99, { session_issued_at_s: 5_000 });
    await driven.settle(10, 99);
    expect(driven.answers).toEqual(['ok', 'ok', 'ok']);
    const before = entriesOf(storage);
    const after = entriesOf(await dumpStorage(driven.stub));
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).map(({ kind }) => kind)).toEqual(
      audit.seq === 0 ? ['allocation', 'credit', 'reserve', 'debit'] : ['credit', 'reserve', 'debit'],
    );
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => (after[0]?.seq ?? 1) + index));
    expect(findBrokenLink(wallet, after)).toBeUndefined();
  });
});

describe.each(Object.keys(files))('in the wallets of %s', (file) => {
  const open = (name: string) => reopen(files[file]?.[name] as Recording);

  it('a running hold can be settled, and an overdue one expires and releases its tokens', async () => {
    const driven = await open('monthly');
    const { figures } = await driven.audit();
    await driven.settle(150, 9);
    vi.setSystemTime(Date.now() + HOUR_MS);
    await evictDurableObject(driven.stub);
    await driven.runAlarm();
    await driven.settle(5, 10);
    await driven.settle(5, 11);
    await driven.settle(5, 6);
    const expired = 'reservation_expired';
    expect(driven.answers).toEqual(['ok', expired, expired, expired]);
    expect((await driven.audit()).figures).toEqual({
      ...figures,
      monthly: figures.monthly - 150,
      consumed: figures.consumed + 150,
      reserved: 0,
      in_flight: 0,
    });
  });

  it('an extended hold runs until its new deadline', async () => {
    const driven = await open('monthly');
    vi.setSystemTime(Date.now() + 59_000);
    await driven.runAlarm();
    await driven.settle(20, 10);
    expect(driven.answers).toEqual(['ok']);
  });

  it('a repeated release gets its answer again, and a different end is refused', async () => {
    const driven = await open('monthly');
    await driven.settle(250, 3);
    await driven.settle(5, 2);
    await driven.release(2);
    expect(driven.answers).toEqual(['idempotency_mismatch', 'reservation_released', 'ok']);
  });

  it('an Idempotency-Key returns its kept answer, no answer where it was deleted, or the running execution', async () => {
    const driven = await open('monthly');
    const repeat = (key: string, fingerprint: string) =>
      driven.stub.reserve({
        ...reserveCommandOf(driven.wallet, 1, executionIdOf(98), driven.policy),
        idempotency: { key, fingerprint },
      });
    expect(await repeat('kept', 'request 1')).toMatchObject({
      code: 'already_done',
      execution_id: executionIdOf(1),
      answer: '{"text":"42"}',
    });
    expect(await repeat('kept', 'request 2')).toMatchObject({ code: 'idempotency_mismatch' });
    expect(await repeat('forgotten', 'request 7')).toMatchObject({ code: 'already_done', answer: null });
    expect(await repeat('running', 'request 9')).toMatchObject({
      code: 'already_running',
      execution_id: executionIdOf(9),
    });
    expect(await repeat('freed', 'request 2')).toMatchObject({ ok: true });
  });

  it('a repeated correction is recognized by its id', async () => {
    const driven = await open('monthly');
    await driven.correct('credit', 'invoice/1', 500);
    await driven.correct('adjust', 'correction/1', -51);
    expect(driven.answers).toEqual(['ok', 'idempotency_mismatch']);
    expect(await driven.audit()).toEqual(files[file]?.monthly?.audit);
  });

  it('revoked sessions and keys stay revoked, and key limits apply', async () => {
    const driven = await open('monthly');
    await driven.reserve(1, 90, { session_issued_at_s: 900 });
    await driven.reserve(1, 91, { key: keyLimitsOf(apiKeyIdOf(2)) });
    await driven.reserve(401, 92, { key: keyLimitsOf(apiKeyIdOf(1)) });
    await driven.reserve(1, 93, { key: keyLimitsOf(apiKeyIdOf(3)) });
    await driven.reserve(1, 94, { key: keyLimitsOf(apiKeyIdOf(3)) });
    const { answers } = driven;
    expect(answers).toEqual([
      'session_revoked',
      'api_key_revoked',
      'insufficient_balance',
      'ok',
      'rate_limited',
    ]);
  });

  it('a disabled user cannot reserve, and is charged for running executions', async () => {
    const driven = await open('overdrawn');
    await driven.reserve(1, 90);
    await driven.settle(100, 24);
    expect(driven.answers).toEqual(['user_disabled', 'ok']);
    expect((await viewOf(driven))?.overage).toBe(1_200);
  });

  it('an unused wallet keeps its policy and its revoked sessions', async () => {
    const driven = await open('unused');
    driven.policy = { ...driven.policy, version: 1, allocation_tokens: 7_000 };
    await driven.reserve(1, 90);
    await driven.reserve(70, 91, { session_issued_at_s: 1_201 });
    await driven.reserve(1, 92, { session_issued_at_s: 1_201 });
    expect(driven.answers).toEqual(['session_revoked', 'ok', 'insufficient_balance']);
  });
});
