import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseEnd } from '../../../contracts/wallet/lease.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { budgetViewOf, setBudget } from '../../../durable-objects/tenant-wallet/rules/budget.ts';
import { endLease as endAtTenant, lease } from '../../../durable-objects/tenant-wallet/rules/leases.ts';
import { newWallet } from '../../../durable-objects/wallet/rules/allocation.ts';
import {
  adoptLease,
  endLease,
  isLeased,
  moveLease,
  withoutEnds,
} from '../../../durable-objects/wallet/rules/leases.ts';
import type { Change, Lease, Reservation, WalletState } from '../../../durable-objects/wallet/rules/state.ts';
import { GENESIS, proofFrom, readEntries } from '../../../journal/verify.ts';
import { HARD_LIFETIME } from './simulated-wallet.ts';

/** Leases between a tenant's wallet and the wallets of its users: the rules, with messages that are lost, repeated and late. */

const TENANT = '01900000-0000-7000-8000-00000000000a';
const NOW_MS = Date.UTC(2026, 10, 15);
const PREPAID: WalletPolicy = { ...HARD_LIFETIME, allocation_tokens: 0, in_flight_max: 10_000 };

let lastId = 0;
const newId = () => {
  lastId += 1;
  return `01900000-0000-7000-a000-${String(lastId).padStart(12, '0')}`;
};

/** The tenant's wallet in memory. */
class Tenant {
  state: WalletState = newWallet({ tenant_id: TENANT, user_id: TENANT }, PREPAID, NOW_MS);
  readonly entries: Change['entries'] = [];
  readonly #leases = new Map<string, Reservation>();

  #keep(change: Change): void {
    this.state = change.state;
    this.entries.push(...change.entries);
    if (change.reservation !== undefined) this.#leases.set(change.reservation.id, change.reservation);
  }

  setBalance(balance: number) {
    const actor = { kind: 'system', id: null } as const;
    const command = { policy: PREPAID, operation_id: newId(), balance, actor, reason: 'A test' };
    const change = setBudget(this.state, { wallet: this.state.identity, ...command }, NOW_MS);
    this.#keep(change);
    return change.refusal;
  }

  lease(user_id: string, lease_id: string, least: number, amount: number) {
    const command = { policy: PREPAID, lease_id, user_id, least, amount };
    const { refusal, ...change } = lease(this.state, this.#leases.get(lease_id), command, NOW_MS);
    this.#keep(change);
    return refusal ?? { ok: true as const, amount: this.#leases.get(lease_id)?.amount ?? 0 };
  }

  end(ends: LeaseEnd[]): void {
    for (const end of ends) {
      const successor = end.successor === null ? undefined : this.#leases.get(end.successor.lease_id);
      const changes = endAtTenant(
        this.state,
        { known: this.#leases.get(end.lease_id), successor },
        end,
        NOW_MS,
      );
      if (changes === null) continue;
      this.#keep(changes.ended);
      if (changes.opened !== null) this.#keep(changes.opened);
    }
  }

  get view() {
    return budgetViewOf(this.state, 0);
  }
}

/** The lease of a user's wallet in memory. */
class Child {
  readonly user_id = newId();
  state: { lease?: Lease; lease_ends?: LeaseEnd[]; period: string } = { period: '2026-11' };
  readonly running: number[] = [];
  spent = 0;

  /** Asks for `needed` more; `isLost` loses the answer. */
  ask(tenant: Tenant, needed: number, isLost = false): boolean {
    const { id, spent, held } = this.state.lease ?? { id: newId(), spent: 0, held: 0 };
    const ends = this.state.lease_ends ?? [];
    tenant.end(ends);
    const least = spent + held + needed;
    const answer = tenant.lease(this.user_id, id, least, least + spent);
    if (!answer.ok || isLost) return false;
    const granted = { id, amount: answer.amount, ends_at_ms: NOW_MS + 300_000 };
    this.state = adoptLease(this.state, granted, ends);
    return true;
  }

  begin(tenant: Tenant, amount: number, isLost = false): boolean {
    if (!isLeased(this.state, amount, NOW_MS) && !this.ask(tenant, amount, isLost)) return false;
    this.state = moveLease(this.state, { held: amount });
    this.running.push(amount);
    return true;
  }

  settle(part: number): void {
    const held = this.running.shift();
    if (held === undefined) return;
    const spent = Math.floor(held * part);
    this.state = moveLease(this.state, { held: -held, spent });
    this.spent += spent;
  }

  /** Ends the lease; `isTold` tells the tenant's wallet, which `isHeard` confirms. */
  end(tenant: Tenant, { isTold, isHeard }: { isTold: boolean; isHeard: boolean }): void {
    this.state = endLease(this.state, newId());
    const ends = this.state.lease_ends ?? [];
    if (isTold) tenant.end(ends);
    if (isTold && isHeard) this.state = withoutEnds(this.state, ends);
  }
}

/** Accidents of a user's wallet: an answer or a message can be lost. */
const happenings = {
  begin: (child: Child, tenant: Tenant, amount: number) => child.begin(tenant, amount),
  begin_lost: (child: Child, tenant: Tenant, amount: number) => child.begin(tenant, amount, true),
  settle_half: (child: Child) => child.settle(0.5),
  settle_all: (child: Child) => child.settle(1),
  end: (child: Child, tenant: Tenant) => child.end(tenant, { isTold: true, isHeard: true }),
  end_unheard: (child: Child, tenant: Tenant) => child.end(tenant, { isTold: true, isHeard: false }),
  end_untold: (child: Child, tenant: Tenant) => child.end(tenant, { isTold: false, isHeard: false }),
};
const step = fc.tuple(
  fc.nat({ max: 3 }),
  fc.constantFrom(...(Object.keys(happenings) as (keyof typeof happenings)[])),
  fc.integer({ min: 0, max: 400 }),
);

const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
const spentBy = (children: Child[]) => sum(children.map(({ spent }) => spent));
const heldBy = (children: Child[]) => sum(children.flatMap(({ running }) => running));

function play(steps: [number, keyof typeof happenings, number][], budget: number) {
  const tenant = new Tenant();
  tenant.setBalance(budget);
  const children = [new Child(), new Child(), new Child(), new Child()];
  for (const [number, happening, amount] of steps) {
    happenings[happening](children[number] as Child, tenant, amount);
    expect(spentBy(children) + heldBy(children)).toBeLessThanOrEqual(budget);
    expect(tenant.view.available).toBeGreaterThanOrEqual(0);
  }
  for (const child of children) {
    while (child.running.length > 0) child.settle(1);
    child.end(tenant, { isTold: true, isHeard: true });
  }
  return { tenant, spent: spentBy(children) };
}

describe('leases', () => {
  it('never exceed the budget with what is spent, and the tenant learns of every micro-dollar', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 0, max: 2_000 }), (steps, budget) => {
        const { tenant, spent } = play(steps, budget);
        expect(tenant.view.spent).toBe(spent);
        const proof = readEntries(tenant.state.identity, proofFrom(GENESIS), tenant.entries);
        expect(proof.differences).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('shrink as the budget runs low, down to the exact need, so that the last micro-dollar can be spent', () => {
    const tenant = new Tenant();
    tenant.setBalance(100);
    const child = new Child();
    for (let time = 0; time < 10; time += 1) {
      const free = tenant.view.available;
      expect(child.begin(tenant, 10)).toBe(true);
      child.settle(1);
      const unused = (child.state.lease?.amount ?? 0) - child.spent;
      expect(unused).toBeLessThanOrEqual(free / 8);
    }
    expect(child.begin(tenant, 1)).toBe(false);
    expect(child.spent).toBe(100);
  });

  it('go on in a successor for what is running, which has nothing free', () => {
    const tenant = new Tenant();
    tenant.setBalance(1_000);
    const child = new Child();
    child.begin(tenant, 300);
    child.begin(tenant, 100);
    child.settle(0.5);
    child.end(tenant, { isTold: true, isHeard: true });
    expect(child.state.lease).toMatchObject({ amount: 100, spent: 0, held: 100 });
    expect(tenant.view).toMatchObject({ spent: 150, leased: 100, available: 750 });
  });

  it('do not move what a lost answer granted: the same lease is granted again', () => {
    const tenant = new Tenant();
    tenant.setBalance(1_000);
    const child = new Child();
    const lease_id = newId();
    for (let time = 0; time < 3; time += 1) tenant.lease(child.user_id, lease_id, 200, 200);
    expect(tenant.view).toMatchObject({ leased: 200, available: 800 });
  });

  it('leave a budget that was cut to what they hold', () => {
    const tenant = new Tenant();
    tenant.setBalance(1_000);
    new Child().begin(tenant, 400);
    expect(tenant.setBalance(399)).toMatchObject({ code: 'budget_below_leased', leased: tenant.view.leased });
    expect(tenant.setBalance(tenant.view.leased)).toBeUndefined();
    expect(tenant.view.available).toBe(0);
  });
});
