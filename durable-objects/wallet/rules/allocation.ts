import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { GENESIS_HASH } from '../../../journal/hash.ts';
import { post, staysInRange } from './entries.ts';
import { endOfPeriodMs, periodOf } from './periods.ts';
import { type Change, SYSTEM, type WalletState } from './state.ts';
import { beginPeriod, budgetOf } from './warnings.ts';

/** The policy of a wallet that has not been sent one: grants nothing. Its version is the lowest, so any policy replaces it. */
export const PLACEHOLDER_POLICY: WalletPolicy = {
  version: 0,
  mode: 'lifetime',
  allocation_tokens: 0,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 1,
};

/** An empty wallet in the month of `nowMs`. */
export const newWallet = (identity: WalletIdentity, policy: WalletPolicy, nowMs: number): WalletState => ({
  identity,
  policy,
  seq: 0,
  last_hash: GENESIS_HASH,
  at_ms: nowMs,
  period: periodOf(nowMs),
  monthly: 0,
  lifetime: 0,
  held_monthly: 0,
  held_lifetime: 0,
  overage: 0,
  granted: 0,
  consumed: 0,
  expired: 0,
  in_flight: 0,
  allocated_lifetime: 0,
  allocated_this_period: 0,
  rollover_left: 0,
  period_budget: 0,
  used_this_period: 0,
  announced_percent: 0,
  would_refuse_executions: 0,
  would_refuse_tokens: 0,
  sessions_revoked_until_s: 0,
  standing: { status: 'active', version: 0 },
});

/**
 * Takes over a policy with a higher version. Callers' caches lag, so lower versions are ignored. A change of mode changes
 * the budget, so it begins a period.
 */
function adoptNewer(state: WalletState, policy: WalletPolicy): WalletState {
  if (policy.version <= state.policy.version) return state;
  const adopted = { ...state, policy };
  return policy.mode === state.policy.mode ? adopted : beginPeriod(adopted, budgetOf(adopted));
}

/**
 * Closes the open month. Free monthly tokens roll over up to the cap and the rest expires; held ones roll over or expire when
 * their reservation ends. Nothing rolls over in lifetime mode.
 */
function closeMonth(change: Change, nowMs: number): Change {
  const { state } = change;
  const inMonthlyMode = state.policy.mode === 'monthly';
  const free = state.monthly - state.held_monthly;
  const cap = inMonthlyMode ? state.policy.rollover_cap_tokens : 0;
  const kept = Math.min(free, cap);
  const opened: WalletState = {
    ...(inMonthlyMode ? beginPeriod(state, 0) : state),
    period: periodOf(endOfPeriodMs(state.period)),
    allocated_this_period: 0,
    rollover_left: cap - kept,
  };
  const lost = free - kept;
  if (lost === 0) return { ...change, state: opened };
  const details = {
    kind: 'rollover',
    operation_id: `rollover/${state.period}`,
    amount: lost,
    actor: SYSTEM,
  } as const;
  return post({ ...change, state: opened }, { monthly: -lost, expired: lost }, details, nowMs);
}

/** Grants the part of the policy's allocation that is not granted yet. A raised allocation grants the difference at once. */
function allocate(change: Change, nowMs: number): Change {
  const { state } = change;
  const { mode, allocation_tokens } = state.policy;
  const granted = mode === 'monthly' ? state.allocated_this_period : state.allocated_lifetime;
  const grant = allocation_tokens - granted;
  const bucket = mode === 'monthly' ? 'monthly' : 'lifetime';
  if (grant <= 0 || !staysInRange(state, { [bucket]: grant, granted: grant })) return change;
  const scope = mode === 'monthly' ? state.period : 'lifetime';
  const details = {
    kind: 'allocation',
    operation_id: `allocation/${scope}/${allocation_tokens}`,
    amount: grant,
    actor: SYSTEM,
  } as const;
  const granting: WalletState = {
    ...state,
    ...(mode === 'monthly'
      ? { allocated_this_period: allocation_tokens }
      : { allocated_lifetime: allocation_tokens }),
  };
  return startBudgetPeriod(
    post({ ...change, state: granting }, { [bucket]: grant, granted: grant }, details, nowMs),
  );
}

/**
 * Sets the budget after a grant. In lifetime mode a period begins, and its budget is the current balance; in monthly mode the
 * period continues, and its budget is the month's allocation so far.
 */
export function startBudgetPeriod(change: Change): Change {
  const { state } = change;
  const budget = budgetOf(state);
  const started =
    state.policy.mode === 'monthly' ? { ...state, period_budget: budget } : beginPeriod(state, budget);
  return { ...change, state: started };
}

/** Moves a wallet without entries to the current month: it has no earlier months to close. */
const withCurrentPeriod = (state: WalletState, nowMs: number): WalletState =>
  state.seq > 0 || state.period >= periodOf(nowMs) ? state : { ...state, period: periodOf(nowMs) };

/**
 * Brings a wallet up to `nowMs` and to the newest policy. Every command does this first. Months are closed one by one under
 * the policy the wallet already had, so that a month opened late ends with the same figures as one opened on time; then
 * the newer policy is adopted.
 */
export function bringUpToDate(state: WalletState, policy: WalletPolicy, nowMs: number): Change {
  let change: Change = { state: withCurrentPeriod(state, nowMs), entries: [] };
  while (change.state.period < periodOf(nowMs)) change = allocate(closeMonth(change, nowMs), nowMs);
  return allocate({ ...change, state: adoptNewer(change.state, policy) }, nowMs);
}

/**
 * Adopts a policy that an administrator changed. A wallet without entries only stores it: its allocation is granted with its
 * first use.
 */
export const adoptPolicy = (state: WalletState, policy: WalletPolicy, nowMs: number): Change =>
  state.seq === 0 ? { state: adoptNewer(state, policy), entries: [] } : bringUpToDate(state, policy, nowMs);
