import type { WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { GENESIS_HASH } from '../../journal/hash.ts';
import { post, staysInRange } from './entries.ts';
import { endOfPeriodMs, periodOf } from './periods.ts';
import { type Change, SYSTEM, type WalletState } from './state.ts';
import { beginPeriod, budgetOf } from './warnings.ts';

/** A wallet nobody has used yet: empty, in the month it was first asked for. */
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
 * Caches lag, so the newest version of the policy that anybody brought is the one that holds. Another mode measures by
 * another budget, so it begins a period.
 */
function adopt(state: WalletState, policy: WalletPolicy): WalletState {
  if (policy.version <= state.policy.version) return state;
  const adopted = { ...state, policy };
  return policy.mode === state.policy.mode ? adopted : beginPeriod(adopted, budgetOf(adopted));
}

/**
 * Closes the open month. Monthly tokens nobody holds roll over up to the cap and the rest expires; what reservations hold
 * is decided when they end. Outside monthly mode nothing rolls over.
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
  const note = {
    kind: 'rollover',
    operation_id: `rollover/${state.period}`,
    amount: lost,
    actor: SYSTEM,
  } as const;
  return post({ ...change, state: opened }, { monthly: -lost, expired: lost }, note, nowMs);
}

/** Grants what the policy allocates and has not granted yet. A raised allocation grants the difference at once. */
function allocate(change: Change, nowMs: number): Change {
  const { state } = change;
  const { mode, allocation_tokens } = state.policy;
  const granted = mode === 'monthly' ? state.allocated_this_period : state.allocated_lifetime;
  const grant = allocation_tokens - granted;
  const bucket = mode === 'monthly' ? 'monthly' : 'lifetime';
  if (grant <= 0 || !staysInRange(state, { [bucket]: grant, granted: grant })) return change;
  const scope = mode === 'monthly' ? state.period : 'lifetime';
  const note = {
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
  return startBudget(post({ ...change, state: granting }, { [bucket]: grant, granted: grant }, note, nowMs));
}

/**
 * After a grant: in lifetime mode a period begins, measured against the balance as it is now; in monthly mode the month goes on
 * and is measured against all it has been allocated.
 */
export function startBudget(change: Change): Change {
  const { state } = change;
  const budget = budgetOf(state);
  const started =
    state.policy.mode === 'monthly' ? { ...state, period_budget: budget } : beginPeriod(state, budget);
  return { ...change, state: started };
}

/** A wallet without entries has no past: it begins in the month it is first used. */
const begun = (state: WalletState, nowMs: number): WalletState =>
  state.seq > 0 || state.period >= periodOf(nowMs) ? state : { ...state, period: periodOf(nowMs) };

/**
 * Brings a wallet up to `nowMs` and to the newest policy: what every command does before its own work. Time comes first,
 * month by month under the policy the wallet knew, so that a month opened late ends where one opened on time does.
 */
export function bringUpToDate(state: WalletState, policy: WalletPolicy, nowMs: number): Change {
  let change: Change = { state: begun(state, nowMs), entries: [] };
  while (change.state.period < periodOf(nowMs)) change = allocate(closeMonth(change, nowMs), nowMs);
  return allocate({ ...change, state: adopt(change.state, policy) }, nowMs);
}

/**
 * A policy that somebody else brings: an administrator changed it. A wallet nobody has used yet only remembers it; its
 * allocation comes with its first use.
 */
export const adoptPolicy = (state: WalletState, policy: WalletPolicy, nowMs: number): Change =>
  state.seq === 0 ? { state: adopt(state, policy), entries: [] } : bringUpToDate(state, policy, nowMs);
