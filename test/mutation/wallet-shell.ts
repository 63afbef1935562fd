import type { Mutation } from './mutation.ts';

const store = { file: 'durable-objects/wallet/store.ts', project: 'workers', tests: 'test/workers/wallet' };
const compensation = { ...store, file: 'durable-objects/wallet/rules/compensation.ts' };
const shell = { ...store, file: 'durable-objects/wallet/wallet.ts' };
const idempotency = {
  ...store,
  file: 'durable-objects/wallet/rules/idempotency.ts',
  tests: 'test/workers/wallet/idempotency.test.ts',
};
const processor = {
  ...store,
  file: 'durable-objects/wallet/command-processor.ts',
  tests: `${store.tests} test/workers/failed-write.test.ts test/workers/maintenance.test.ts`,
};
const alarm = {
  ...store,
  file: 'durable-objects/wallet/alarm-scheduler.ts',
  tests: 'test/workers/sending-again.test.ts',
};
const maintenance = {
  ...store,
  file: 'durable-objects/wallet/maintenance.ts',
  tests: `${store.tests} test/workers/journal-delivery.test.ts test/workers/maintenance.test.ts`,
};
const records = { ...store, file: 'durable-objects/wallet/records.ts' };
const outbox = { ...store, file: 'durable-objects/wallet/outbox.ts' };
const live = { ...store, file: 'durable-objects/wallet/live-balance.ts' };

/** Faults in the shell around the rules: storage, commits, alarms, listeners. */
export const walletShellMutations: Mutation[] = [
  {
    ...records,
    what: 'reservations are not stored',
    find: 'this.#open.putReservation(reservation);\n      this.#remember',
    replace: 'this.#remember',
  },
  {
    ...records,
    what: 'a hold in an old segment is lost',
    find: 'this.#open.putReservation(held.reservation);',
    replace: '',
    tests: 'test/workers/wallet/segments.test.ts',
  },
  {
    ...records,
    what: 'the record of a key in an old segment is lost',
    find: 'this.#store.saveKey(kept.key);',
    replace: '',
    tests: 'test/workers/wallet/segments.test.ts',
  },
  {
    ...records,
    what: 'an execution that ended long ago is taken for a new one',
    find: 'startedAtMs - CLOCK_DIFFERENCE_MS > this.#endedSinceMs',
    replace: 'startedAtMs > 0',
    tests: 'test/workers/wallet/segments.test.ts',
  },
  {
    ...records,
    what: 'a full segment grows without end',
    find: 'if (this.#open.isFull && !this.#isDirty)',
    replace: 'if (this.#open.isFull && this.#isDirty)',
    tests: 'test/workers/wallet/segments.test.ts',
  },
  {
    ...outbox,
    what: 'confirmed entries are sent again',
    find: 'this.#ranges = withoutRange(before, range);',
    replace: 'withoutRange(before, range);',
  },
  {
    ...store,
    what: 'unconfirmed entries are pruned',
    find: 'last_seq > confirmedSeq || ',
    replace: '',
    tests: 'test/workers/journal-delivery.test.ts',
  },
  {
    ...maintenance,
    what: 'the alarm does not see overdue reservations',
    find: 'expires_at_ms <= nowMs',
    replace: 'expires_at_ms + 3_600_000 <= nowMs',
  },
  {
    ...records,
    what: 'an audit sums reservations that have ended',
    find: 'else this.#held.delete(reservation.id);',
    replace: '',
  },
  {
    ...outbox,
    what: 'an audit counts confirmed entries as unconfirmed',
    find: 'sum + last - first + 1, 0)',
    replace: 'sum + last, 0)',
  },
  {
    ...outbox,
    what: 'entries to be sent again count as confirmed',
    find: 'this.#ranges = withRequeued(this.#ranges, kept, nowMs);',
    replace: '',
  },
  {
    ...store,
    what: 'the state of a key is not stored',
    find: "this.#sql.exec('insert or replace into api_keys (id, json) values (?, ?)', key.id, JSON.stringify(key));",
    replace: 'void key;',
  },
  {
    ...compensation,
    what: 'a repair can exceed the largest amount',
    find: 'next[figure] > WALLET_TOKENS_MAX',
    replace: 'next[figure] > 2 * WALLET_TOKENS_MAX',
  },
  {
    ...maintenance,
    what: 'a failing expiry blocks the outbox',
    find: 'succeeded = false;',
    replace: 'succeeded = false; break;',
  },
  {
    ...maintenance,
    what: 'a refused expiry is retried in a loop',
    find: 'if (decision.refusal !== undefined) throw',
    replace: 'if (decision.refusal === null) throw',
  },
  {
    ...maintenance,
    what: 'an idle wallet never prunes answers',
    find: 'pruningTimeMs(store.earliestIdempotencyExpiryMs() ?? Number.POSITIVE_INFINITY)',
    replace: 'Number.POSITIVE_INFINITY',
  },
  {
    ...maintenance,
    what: 'an idle wallet never prunes entries',
    find: 'hasEntries ? pruningTimeMs(',
    replace: 'hasEntries && nowMs < 0 ? pruningTimeMs(',
  },
  {
    ...processor,
    what: 'monthly tokens do not expire in lifetime mode',
    find: "(state.policy.mode === 'monthly' || state.monthly > 0)",
    replace: "state.policy.mode === 'monthly'",
  },
  {
    ...store,
    what: 'an Idempotency-Key is valid after its day',
    find: 'where key = ? and expires_at_ms > ?',
    replace: 'where key = ? and expires_at_ms <> ?',
  },
  {
    ...compensation,
    what: 'a repair accepts an outdated ledger',
    find: 'if (seq !== state.seq)',
    replace: 'if (seq > state.seq)',
  },
  {
    ...compensation,
    what: 'a wallet that agrees with its ledger is repaired',
    find: 'if (agrees &&',
    replace: 'if (!agrees && agrees &&',
  },
  {
    ...compensation,
    what: 'a repair does not correct the holds',
    find: 'reserved_delta: journaledHoldsOf(next) - figures.reserved',
    replace: 'reserved_delta: 0',
  },
  {
    ...shell,
    file: 'durable-objects/wallet/rules/reservations.ts',
    what: 'a revoked key can reserve',
    find: 'key?.revoked === true',
    replace: 'key?.revoked === null',
  },
  {
    ...processor,
    what: 'a repeated credit is applied again',
    find: 'if (done !== undefined) {',
    replace: 'if (done === null) {',
  },
  {
    ...shell,
    what: 'an older status update overrides a newer one',
    find: 'if (version > state.standing.version)',
    replace: 'if (version !== state.standing.version)',
  },
  {
    ...shell,
    what: 'a signed-out session stays subscribed',
    find: 'this.#live.closeSessions(sessions_revoked_until_s);',
    replace: '',
  },
  {
    ...shell,
    what: 'a disabled user stays subscribed',
    find: "this.#live.closeAll('user_disabled');",
    replace: '',
  },
  {
    ...shell,
    what: 'a signed-out session can read the wallet',
    find: 'session_issued_at_s === null ? undefined : refuseSession(state, session_issued_at_s)',
    replace: 'undefined',
    tests: 'test/workers/signed-out.test.ts',
  },
  {
    ...shell,
    what: 'sign-outs that arrive out of order restore a session',
    find: 'Math.max(state.sessions_revoked_until_s, issuedUntilS)',
    replace: 'issuedUntilS',
    tests: 'test/workers/signed-out.test.ts',
  },
  {
    ...outbox,
    what: 'entries to be sent again wait for the next operation',
    find: 'withRequeued(this.#ranges, kept, nowMs);\n    this.#schedule();',
    replace: 'withRequeued(this.#ranges, kept, nowMs);',
    tests: 'test/workers/sending-again.test.ts',
  },
  {
    ...maintenance,
    what: 'a failed alarm is not set again',
    find: 'processor.alarm.recordRun(succeeded);\n  processor.scheduleAlarm();',
    replace: 'if (succeeded) processor.scheduleAlarm();',
  },
  {
    ...processor,
    what: 'a wallet accepts commands for another wallet',
    find: "return { ok: false, code: 'wrong_wallet' };",
    replace: '{}',
  },
  {
    ...processor,
    what: 'memory is ahead of storage when a write fails',
    find: 'this.#failure = this.#writing === undefined ? undefined : error;\n    this.#reload();',
    replace: 'this.#failure = this.#writing === undefined ? undefined : error;',
  },
  {
    ...processor,
    what: 'a command whose change was lost with a failed write is answered',
    find: 'if (this.#failure !== undefined) this.#fail(this.#failure);',
    replace: '',
  },
  {
    ...processor,
    what: 'half of a change stays if the other half cannot be written',
    find: 'this.#ctx.storage.transactionSync(() => {\n          storeMore();\n          save();\n        });',
    replace: 'save(), storeMore();',
  },
  {
    ...processor,
    what: 'subscribers get a change before it is stored',
    find: '    this.#state = state;\n    this.outbox.add',
    replace: '    this.#onDurable(state);\n    this.#state = state;\n    this.outbox.add',
  },
  {
    ...processor,
    what: 'subscribers get only the first change',
    find: 'this.#state === this.#announced',
    replace: 'this.#announced !== undefined',
  },
  {
    ...processor,
    what: 'a deadline sets no alarm',
    find: 'this.records.earliestDeadlineMs(), month',
    replace: 'month',
  },
  {
    ...alarm,
    what: 'a nearer alarm does not replace a farther one',
    find: 'this.#dueMs !== null && this.#dueMs <= atMs',
    replace: 'this.#dueMs !== null',
  },
  {
    ...maintenance,
    what: 'the alarm does not open the month',
    find: 'processor.currentState({ wallet: opened.identity, policy: opened.policy });',
    replace: '',
  },
  {
    ...outbox,
    what: 'sent entries are sent again at once',
    find: 'due_ms: nowMs + resendDelayMs(sends + 1) };',
    replace: 'due_ms: nowMs };',
    file: 'durable-objects/wallet/rules/outbox.ts',
    project: 'unit',
    tests: 'test/unit/wallet/outbox.test.ts',
  },
  {
    ...maintenance,
    file: 'durable-objects/wallet/rules/retention.ts',
    what: 'entries are pruned as soon as they are confirmed',
    find: 'RETENTION_MS = 7 * 86_400_000;',
    replace: 'RETENTION_MS = 0;',
  },
  {
    ...live,
    what: 'an expired session stays subscribed',
    find: 'expires_at_s * 1_000 <= nowMs',
    replace: 'expires_at_s === nowMs',
  },
  {
    ...outbox,
    what: 'the end of an execution is announced with every confirmation',
    find: '.filter((range) => range.first <= range.last)\n      .flatMap((range) => this.#store.entriesOf(range));',
    replace: '.flatMap(() => this.#store.entriesOf({ first, last }));',
    tests: 'test/workers/wallet/live-balance.test.ts',
  },
  {
    ...live,
    what: 'a released execution is announced as charged',
    find: "tokens_charged: kind === 'debit' ? amount : 0",
    replace: 'tokens_charged: amount',
    tests: 'test/workers/wallet/live-balance.test.ts',
  },
  {
    ...live,
    what: 'signing out also disconnects newer sessions',
    find: 'issued_at_s <= issuedUntilS',
    replace: 'issued_at_s > 0',
  },
  {
    ...idempotency,
    what: 'an Idempotency-Key matches any request',
    find: 'if (record.fingerprint !== fingerprint)',
    replace: 'if (record.fingerprint === null)',
  },
  {
    ...idempotency,
    what: 'an uncharged request cannot be retried under its Idempotency-Key',
    find: 'charged\n    ? {\n        idempotency',
    replace: 'record !== null\n    ? {\n        idempotency',
  },
  {
    ...idempotency,
    what: 'an answer deleted before the end is kept for its Idempotency-Key',
    find: 'record.is_forgotten === true ? null : (answer ?? null)',
    replace: 'answer ?? null',
  },
  {
    ...maintenance,
    file: store.file,
    what: 'an API key is pruned while its execution is running',
    find: " and json_extract(json, '$.held') = 0 limit ?",
    replace: ' limit ?',
  },
  {
    ...maintenance,
    what: 'a revocation is lost at the next pruning',
    file: 'durable-objects/wallet/rules/key-limits.ts',
    find: '...withCurrentWindows(key, nowMs),\n  revoked: true',
    replace: '...key,\n  revoked: true',
  },
];
