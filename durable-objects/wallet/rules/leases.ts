import type { LeaseEnd } from '../../../contracts/wallet/lease.ts';
import type { Lease, WalletState } from './state.ts';

/**
 * Pure: a user's wallet as the child of its tenant's wallet. It leases a block of the tenant's budget, in micro-USD, and its executions
 * hold and spend parts of it. So an execution asks the tenant's wallet only when the block is used up.
 */

/** The parts of a wallet's state that its lease needs. */
type Leasing = Pick<WalletState, 'lease' | 'lease_ends' | 'period'>;

const unused = ({ amount, spent, held }: Lease): number => amount - spent - held;

/** Returns what executions can still hold of the lease, in micro-USD. */
export const unusedOf = ({ lease }: Leasing): number => (lease === undefined ? 0 : unused(lease));

/** True if an execution that can cost `amount` may begin or go on without asking the tenant's wallet. */
export function isLeased({ lease, period }: Leasing, amount: number, nowMs: number): boolean {
  if (lease === undefined || lease.frozen === true) return false;
  return lease.period === period && nowMs < lease.ends_at_ms && unused(lease) >= amount;
}

/** True if a running execution can hold `amount` more. */
export const canHoldMore = ({ lease }: Leasing, amount: number): boolean =>
  amount <= 0 || (lease !== undefined && unused(lease) >= amount);

/** Moves `held` micro-USD into or out of what executions hold, and adds to what was spent. The same state without a lease. */
export function moveLease<State extends Leasing>(
  state: State,
  { held, spent = 0 }: { held: number; spent?: number },
): State {
  const { lease } = state;
  if (lease === undefined || (held === 0 && spent === 0)) return state;
  const moved = { ...lease, held: lease.held + held, spent: lease.spent + spent };
  if (moved.held < 0 || unused(moved) < 0) throw new Error(`Lease broken: ${JSON.stringify(moved)}`);
  return { ...state, lease: moved };
}

/** A lease that the tenant's wallet has opened or raised. */
export type Granted = { id: string; amount: number; ends_at_ms: number };

/**
 * Takes over a lease that was opened or raised. `ends` were told with the request, so they are done. A grant for a lease that has ended
 * since is ignored: the tenant's wallet learns of that end with the next request.
 */
export function adoptLease<State extends Leasing>(
  state: State,
  { id, amount, ends_at_ms }: Granted,
  ends: LeaseEnd[],
): State {
  const told = withoutEnds(state, ends);
  const { lease, period } = told;
  const hasEnded = told.lease_ends?.some(({ lease_id }) => lease_id === id) === true;
  if (hasEnded || (lease !== undefined && lease.id !== id)) return told;
  const { spent, held } = lease ?? { spent: 0, held: 0 };
  return { ...told, lease: { id, amount, spent, held, period: lease?.period ?? period, ends_at_ms } };
}

/** Drops ends that the tenant's wallet knows. */
export function withoutEnds<State extends Leasing>(state: State, ends: LeaseEnd[]): State {
  const known = new Set(ends.map(({ lease_id }) => lease_id));
  const lease_ends = state.lease_ends?.filter(({ lease_id }) => !known.has(lease_id));
  if (lease_ends === undefined || lease_ends.length === state.lease_ends?.length) return state;
  const { lease_ends: _, ...rest } = state;
  return (lease_ends.length === 0 ? rest : { ...rest, lease_ends }) as State;
}

/**
 * Ends the lease, and notes the end for the tenant's wallet. What running executions hold goes on in a successor named `successorId`,
 * which has nothing free. `freezes` also stops executions that cost the tenant nothing.
 */
export function endLease<State extends Leasing>(
  state: State,
  successorId: string,
  { freezes = false }: { freezes?: boolean } = {},
): State {
  const { lease, ...rest } = state;
  if (lease === undefined) return state;
  const successor = lease.held === 0 ? null : { lease_id: successorId, amount: lease.held };
  const lease_ends = [...(state.lease_ends ?? []), { lease_id: lease.id, spent: lease.spent, successor }];
  if (successor === null) return { ...rest, lease_ends } as State;
  const { period } = state;
  const next: Lease = { ...lease, id: successorId, amount: lease.held, spent: 0, period };
  return { ...state, lease: freezes ? { ...next, frozen: true } : next, lease_ends };
}
