/** One small fault: where `find` stands, `replace` is put, and `tests` must notice. */
export type PlantedBug = {
  what: string;
  file: string;
  find: string;
  replace: string;
  project: string;
  tests: string;
};

const rules = { file: 'durable-objects/wallet/rules.ts', project: 'unit', tests: 'test/unit/wallet' };
const allocation = { ...rules, file: 'durable-objects/wallet/allocation.ts' };
const entries = { ...rules, file: 'durable-objects/wallet/entries.ts' };
const hash = { ...rules, file: 'journal/hash.ts' };
const outbox = { ...rules, file: 'durable-objects/wallet/outbox.ts' };
const store = { file: 'durable-objects/wallet/store.ts', project: 'workers', tests: 'test/workers/wallet' };
const shell = { ...store, file: 'durable-objects/wallet/wallet.ts' };
const security = { file: 'migrations/0002_security.sql', project: 'rls', tests: 'test/rls' };
const tables = { ...security, file: 'migrations/0001_tables.sql' };

/** Faults somebody could make on a tired day, one per promise they would break. */
export const plantedBugs: PlantedBug[] = [
  {
    ...rules,
    what: 'a hard limit lets one token too many pass',
    find: 'if (amount > available && ',
    replace: 'if (amount > available + 1 && ',
  },
  {
    ...rules,
    what: 'warn and monitor refuse as hard does',
    find: "amount > available && state.policy.enforcement === 'hard'",
    replace: 'amount > available',
  },
  {
    ...rules,
    what: 'one execution more than the cap is in flight',
    find: 'state.in_flight >= state.policy.in_flight_max',
    replace: 'state.in_flight > state.policy.in_flight_max',
  },
  {
    ...rules,
    what: 'a session lives on through the second of its sign-out',
    find: 'session_issued_at_s <= state.sessions_revoked_until_s',
    replace: 'session_issued_at_s < state.sessions_revoked_until_s',
  },
  {
    ...rules,
    what: 'another command under the same id is taken for a repetition',
    find: 'if (known.fingerprint !== fingerprint)',
    replace: 'if (known.fingerprint === null)',
  },
  {
    ...rules,
    what: 'a settlement may cost more than was reserved',
    find: 'if (amount > known.amount)',
    replace: 'if (amount > known.amount * 2)',
  },
  {
    ...rules,
    what: 'an ended reservation stays in flight',
    find: 'in_flight: -1,',
    replace: 'in_flight: 0,',
  },
  {
    ...rules,
    what: 'an ended reservation goes on holding lifetime tokens',
    find: 'held_lifetime: -known.held_lifetime,',
    replace: 'held_lifetime: 0,',
  },
  {
    ...rules,
    what: 'lifetime tokens are held before monthly ones',
    find: 'const heldMonthly = Math.min(held, state.monthly - state.held_monthly);',
    replace: 'const heldMonthly = Math.max(0, held - (state.lifetime - state.held_lifetime));',
  },
  {
    ...rules,
    what: 'an adjustment takes what is held',
    find: '-amount > availableOf(state)',
    replace: '-amount > state.monthly + state.lifetime',
  },
  {
    ...rules,
    what: "last month's tokens come back whole, whatever the cap",
    find: 'Math.min(freedMonthly, state.rollover_left)',
    replace: 'freedMonthly',
  },
  {
    ...allocation,
    what: 'an older policy replaces a newer one',
    find: 'policy.version > state.policy.version',
    replace: 'policy.version !== state.policy.version',
  },
  { ...allocation, what: 'the rollover cap is ignored', find: 'Math.min(free, cap)', replace: 'free' },
  {
    ...allocation,
    what: 'a raised allocation is granted whole instead of by its difference',
    find: 'const grant = allocation_tokens - granted;',
    replace: 'const grant = allocation_tokens > granted ? allocation_tokens : 0;',
  },
  {
    ...entries,
    what: 'the journal skips a number',
    find: 'seq: state.seq + 1',
    replace: 'seq: state.seq + 2',
  },
  {
    ...entries,
    what: 'wallet time runs backwards with the clock',
    find: 'Math.max(state.at_ms, nowMs)',
    replace: 'nowMs',
  },
  {
    ...entries,
    what: 'entries are not chained',
    find: 'prev_hash: state.last_hash',
    replace: "prev_hash: '0'.repeat(64)",
  },
  {
    ...entries,
    what: 'an entry does not tell what lifetime tokens are held',
    find: '(movement.held_monthly ?? 0) + (movement.held_lifetime ?? 0)',
    replace: '(movement.held_monthly ?? 0)',
  },
  {
    ...hash,
    what: 'a hash does not say whose wallet it is',
    find: '{ ...entry, wallet }',
    replace: '{ ...entry }',
  },
  {
    ...outbox,
    what: 'a message spans a gap, so that its confirmation covers what was not sent',
    find: 'run.at(-1)?.seq === entry.seq - 1',
    replace: 'true',
  },
  {
    ...outbox,
    what: 'messages grow past what the queue takes',
    find: 'const MESSAGE_BYTES_MAX = 100_000;',
    replace: 'const MESSAGE_BYTES_MAX = 10_000_000;',
  },
  {
    ...store,
    what: 'reservations are not written down',
    find: 'if (reservation === undefined) return;',
    replace: 'if (reservation !== null) return;',
  },
  {
    ...store,
    what: 'what Postgres confirmed is sent again',
    find: 'where confirmed_at_ms is null and next_send_at_ms <= ?',
    replace: 'where next_send_at_ms <= ?',
  },
  {
    ...store,
    what: 'unconfirmed entries are forgotten',
    find: 'oldest.confirmed_at_ms === null || ',
    replace: '',
  },
  {
    ...store,
    what: 'the alarm does not see overdue reservations',
    find: "where state = 'held' and expires_at_ms <= ? order by",
    replace: "where state = 'held' and expires_at_ms <= ? - 3600000 order by",
  },
  {
    ...shell,
    what: 'a wallet obeys commands for another',
    find: "return { ok: false, code: 'wrong_wallet' };",
    replace: '{}',
  },
  {
    ...shell,
    what: 'a credit is given again when it comes again',
    find: 'if (done !== undefined) {',
    replace: 'if (done === null) {',
  },
  {
    ...security,
    what: 'row security does not bind the owner',
    find: "execute format('alter table %s force row level security', relation);",
    replace: 'null;',
  },
  {
    ...security,
    what: 'the ledger may be changed',
    find: "array['user_token_ledger', 'audit_log', 'ai_model_prices']",
    replace: "array['audit_log', 'ai_model_prices']",
  },
  {
    ...security,
    what: 'a signed-out session enters',
    find: 'issued_at_s <= person.signed_out_at_s',
    replace: 'issued_at_s < person.signed_out_at_s - 1',
  },
  {
    ...tables,
    what: "users see their neighbours' ledgers",
    find: '"user_token_ledger"."user_id" = (select app.user_id())',
    replace: '"user_token_ledger"."user_id" is not null',
  },
  {
    ...tables,
    what: "any tenant's executions can be written",
    find: 'WITH CHECK (("ai_executions"."tenant_id" = (select app.tenant_id())) and',
    replace: 'WITH CHECK (("ai_executions"."tenant_id" is not null) and',
  },
];
