import type { Mutation } from './mutation.ts';

const rules = {
  file: 'durable-objects/wallet/rules/reservations.ts',
  project: 'unit',
  tests: 'test/unit/wallet',
};
const allocation = { ...rules, file: 'durable-objects/wallet/rules/allocation.ts' };
const access = { ...rules, file: 'durable-objects/wallet/rules/access.ts' };
const corrections = { ...rules, file: 'durable-objects/wallet/rules/corrections.ts' };
const warnings = { ...rules, file: 'durable-objects/wallet/rules/warnings.ts' };
const entries = { ...rules, file: 'durable-objects/wallet/rules/entries.ts' };
const keyLimits = { ...rules, file: 'durable-objects/wallet/rules/key-limits.ts' };
const outbox = { ...rules, file: 'durable-objects/wallet/rules/outbox.ts' };
const verify = { ...rules, file: 'journal/verify.ts', tests: 'test/unit/journal' };
const verdict = {
  ...{ file: 'worker/reconciliation/verdict.ts', project: 'unit' },
  tests: 'test/unit/reconciliation/verdict.test.ts',
};
const hash = { ...rules, file: 'journal/hash.ts', tests: 'test/unit/journal' };

/** Mutations of the wallet's rules and of the journal's verification, one for each promise. */
export const walletRuleMutations: Mutation[] = [
  {
    ...rules,
    file: 'durable-objects/wallet/rules/raises.ts',
    what: 'a raise goes beyond the free tokens',
    find: 'Math.min(amount - hold.amount, allowed, room)',
    replace: 'Math.min(amount - hold.amount, room)',
  },
  {
    ...rules,
    file: 'durable-objects/wallet/rules/raises.ts',
    what: 'a hold of a closed month takes tokens of the new one',
    find: 'isInMonth ? state.monthly - state.held_monthly : 0',
    replace: 'state.monthly - state.held_monthly',
  },
  {
    ...rules,
    file: 'durable-objects/wallet/rules/raises.ts',
    what: 'a lowered hold frees monthly tokens of a closed month',
    find: 'hold.period === change.state.period ? unused - fromLifetime : 0',
    replace: 'unused - fromLifetime',
  },
  {
    ...rules,
    what: 'a lowering that comes too late undoes a raise',
    find: 'if (lowers_from === known.amount && amount < known.amount)',
    replace: 'if (lowers_from !== undefined && amount < known.amount)',
  },
  {
    ...rules,
    what: 'a hard limit lets one token too many pass',
    find: 'if (amount > availableOf(state) && ',
    replace: 'if (amount > availableOf(state) + 1 && ',
  },
  {
    ...rules,
    what: 'warn and monitor refuse as hard does',
    find: "amount > availableOf(state) && state.policy.enforcement === 'hard'",
    replace: 'amount > availableOf(state)',
  },
  {
    ...rules,
    what: 'one execution above the cap can be in flight',
    find: 'state.in_flight >= in_flight_max',
    replace: 'state.in_flight > in_flight_max',
  },
  {
    ...access,
    what: 'a session issued in the second of a sign-out is accepted',
    find: 'issuedAtS <= sessions_revoked_until_s',
    replace: 'issuedAtS < sessions_revoked_until_s',
  },
  {
    ...rules,
    what: 'a different command with the same id counts as a repetition',
    find: 'if (known.fingerprint !== fingerprint)',
    replace: 'if (known.fingerprint === null)',
  },
  {
    ...rules,
    what: 'a settlement can exceed the reservation',
    find: 'if (amount > known.amount ||',
    replace: 'if (amount > known.amount * 2 ||',
  },
  {
    ...rules,
    what: 'an ended reservation stays in flight',
    find: 'in_flight: -1,',
    replace: 'in_flight: 0,',
  },
  {
    ...rules,
    what: 'an ended reservation still holds lifetime tokens',
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
    ...corrections,
    what: 'an adjustment can take held tokens',
    find: '-amount > availableOf(state)',
    replace: '-amount > state.monthly + state.lifetime',
  },
  {
    ...rules,
    what: "last month's tokens are given back without the rollover cap",
    find: 'Math.min(freedMonthly, state.rollover_left)',
    replace: 'freedMonthly',
  },
  {
    ...rules,
    what: 'the shortfall is the whole amount',
    find: 'const shortfall = amount - held;',
    replace: 'const shortfall = held < amount ? amount : 0;',
  },
  {
    ...rules,
    what: 'requests that hard enforcement would refuse are not counted',
    find: 'state: countShortfall(leased, shortfall)',
    replace: 'state: leased',
  },
  {
    ...access,
    what: 'a disabled user can reserve',
    find: "if (standing.status === 'disabled') return { ok: false, code: 'user_disabled' };",
    replace: '',
  },
  {
    ...rules,
    tests: 'test/workers/wallet/governance.test.ts',
    project: 'workers',
    what: 'an execution of a revoked key is extended',
    find: 'if (key?.revoked === true)',
    replace: 'if (key === null)',
  },
  {
    ...rules,
    what: 'an execution of a disabled user is extended',
    find: "if (change.state.standing.status === 'disabled')",
    replace: 'if (change.state === null)',
  },
  {
    ...rules,
    what: 'a running execution is extended without a limit',
    find: 'const wanted = Math.min(',
    replace: 'const wanted = Math.max(',
  },
  {
    ...rules,
    what: 'an extension brings a deadline forward',
    find: 'Math.max(known.expires_at_ms, wanted)',
    replace: 'wanted',
  },
  {
    ...rules,
    what: 'an ended reservation is extended',
    find: "if (known.state !== 'held')\n    return",
    replace: 'if (known.state === null)\n    return',
  },
  {
    ...rules,
    what: 'a release counts as use',
    find: "kind === 'debit' ? countUse(change.state, amount)",
    replace: "kind !== 'expiry' ? countUse(change.state, known.amount)",
  },
  {
    ...allocation,
    what: 'an older policy replaces a newer one',
    find: 'policy.version <= state.policy.version',
    replace: 'policy.version === state.policy.version',
  },
  { ...allocation, what: 'the rollover cap is ignored', find: 'Math.min(free, cap)', replace: 'free' },
  {
    ...allocation,
    what: 'a raised allocation is granted whole instead of by its difference',
    find: 'const grant = allocation_tokens - granted;',
    replace: 'const grant = allocation_tokens > granted ? allocation_tokens : 0;',
  },
  {
    ...warnings,
    what: 'a threshold is announced with every debit past it',
    find: '.filter((percent) => percent > state.announced_percent)',
    replace: '.filter((percent) => percent > 0)',
  },
  {
    ...warnings,
    what: 'a threshold is announced only once it is passed',
    find: 'percent <= usedPercent(state)',
    replace: 'percent < usedPercent(state)',
  },
  {
    ...warnings,
    what: 'monitor mode announces thresholds',
    find: "state.policy.enforcement === 'monitor'",
    replace: 'state.policy.enforcement === null',
  },
  {
    ...warnings,
    what: 'a threshold announced in one period is not announced in the next',
    find: 'announced_percent: 0,',
    replace: 'announced_percent: state.announced_percent,',
  },
  {
    ...warnings,
    what: 'use is not counted',
    find: 'state.used_this_period + charged',
    replace: 'state.used_this_period',
  },
  {
    ...warnings,
    what: 'a shortfall is counted as one token',
    find: 'state.would_refuse_tokens + shortfall',
    replace: 'state.would_refuse_tokens + 1',
  },
  {
    ...keyLimits,
    what: 'a key can make one request too many in a minute',
    find: 'key.requests_this_minute >= requests_per_minute',
    replace: 'key.requests_this_minute > requests_per_minute',
  },
  {
    ...keyLimits,
    what: 'running executions do not count against the budget of their key',
    find: 'key.spent + key.held + amount > monthly_budget_tokens',
    replace: 'key.spent + amount > monthly_budget_tokens',
  },
  {
    ...keyLimits,
    what: 'older limits of a key replace newer ones',
    find: 'limits.version > key.limits.version',
    replace: 'limits.version !== key.limits.version',
  },
  {
    ...keyLimits,
    what: 'an ended execution still counts as held by its key',
    find: 'held: key.held - amount,',
    replace: 'held: key.held,',
  },
  {
    ...entries,
    what: 'the journal skips a number',
    find: 'const seq = state.seq + 1;',
    replace: 'const seq = state.seq + 2;',
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
    what: 'an entry leaves out held lifetime tokens',
    find: '(movement.held_monthly ?? 0) + (movement.held_lifetime ?? 0)',
    replace: '(movement.held_monthly ?? 0)',
  },
  {
    ...outbox,
    what: 'a message spans a gap, so that its confirmation covers unsent entries',
    find: 'run.at(-1)?.seq === entry.seq - 1',
    replace: 'true',
  },
  {
    ...outbox,
    what: 'messages grow past the limit of the queue',
    find: 'const MESSAGE_BYTES_MAX = 100_000;',
    replace: 'const MESSAGE_BYTES_MAX = 10_000_000;',
  },
  {
    ...hash,
    what: 'a hash does not cover the identity of the wallet',
    find: 'canonicalJson(wallet)}}',
    replace: 'null}}',
  },
  {
    ...hash,
    what: 'equal values with their keys in another order have other bytes',
    find: 'keys.toSorted()',
    replace: 'keys',
  },
  {
    ...verify,
    what: 'a proof overlooks a single missing entry',
    find: 'if (found > seq + 1)',
    replace: 'if (found > seq + 2)',
  },
  {
    ...verify,
    what: 'a proof accepts every hash',
    find: 'if (expected !== entry.hash)',
    replace: 'if (expected === null)',
  },
  {
    ...verify,
    what: 'a proof ignores the link to the previous entry',
    find: 'prev_hash === hash ? []',
    replace: 'prev_hash !== null ? []',
  },
  {
    ...verify,
    what: 'a proof does not check the sums',
    find: 'expected[name] !== found[name]',
    replace: 'expected[name] === null',
  },
  {
    ...verify,
    what: 'a proof does not check that granted tokens are accounted for',
    find: 'if (granted !== accounted)',
    replace: 'if (granted === null)',
  },
  {
    ...verify,
    what: 'a proof continues past a fault',
    find: 'read.differences_found === 0 ? next : proof.proved',
    replace: 'next',
  },
  {
    ...verify,
    what: 'the last entries of a long message are not checked',
    find: 'for (const entry of entries) {\n    const [difference]',
    replace: 'for (const entry of entries.slice(0, 95)) {\n    const [difference]',
  },
  {
    ...verdict,
    what: 'a fault before the checkpoint is dropped',
    find: '...metBefore(evidence),',
    replace: '',
  },
  {
    ...verdict,
    what: 'a stored fault counts as acknowledged without a repair',
    find: 'previous?.acknowledged ?? []',
    replace: '[...(previous?.acknowledged ?? []), ...(previous?.differences ?? [])]',
  },
  {
    ...verdict,
    what: 'the checkpoint moves past entries that may still arrive',
    find: 'isMissingEntries ? proof.proved : proof.head',
    replace: 'proof.head',
  },
  {
    ...verdict,
    what: 'faults above the stored maximum are ignored',
    find: ' || proof.differences_found > proof.differences.length',
    replace: '',
  },
];
