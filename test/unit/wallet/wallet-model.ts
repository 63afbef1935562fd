import type { WalletPolicy } from '../../../contracts/wallet-policy.ts';

/** Tokens by where they come from. */
type Purse = { monthly: number; lifetime: number };
type End = 'settled' | 'released' | 'expired';
type Hold = { asked: number; purse: Purse; month: string; deadlineMs: number; end?: End; cost: number };

const sum = ({ monthly, lifetime }: Purse) => monthly + lifetime;

/**
 * The wallet told a second time, as simply as it can be: a purse that is free and a purse per hold, no totals, no journal,
 * no hashes. It shares no code with the rules; where the two disagree, one of them is wrong.
 */
export class WalletModel {
  readonly holds = new Map<number, Hold>();
  policy: WalletPolicy;
  month: string;
  free: Purse = { monthly: 0, lifetime: 0 };
  granted = 0;
  consumed = 0;
  expired = 0;
  overage = 0;
  revokedUntilS = 0;
  #allocated: Purse = { monthly: 0, lifetime: 0 };
  #mayStillRollOver = 0;

  constructor(policy: WalletPolicy, nowMs: number) {
    this.policy = policy;
    this.month = new Date(nowMs).toISOString().slice(0, 7);
  }

  get #open(): Hold[] {
    return [...this.holds.values()].filter((hold) => hold.end === undefined);
  }

  /** Time first, then policy, as docs/wallet.md has it. */
  catchUp(nowMs: number, policy: WalletPolicy = this.policy): void {
    while (this.month < new Date(nowMs).toISOString().slice(0, 7)) {
      const cap = this.policy.mode === 'monthly' ? this.policy.rollover_cap_tokens : 0;
      const kept = Math.min(cap, this.free.monthly);
      this.expired += this.free.monthly - kept;
      this.free.monthly = kept;
      this.#mayStillRollOver = cap - kept;
      this.#allocated.monthly = 0;
      const next = new Date(`${this.month}-15T00:00:00Z`);
      next.setUTCMonth(next.getUTCMonth() + 1);
      this.month = next.toISOString().slice(0, 7);
      this.#allocate();
    }
    if (policy.version > this.policy.version) this.policy = policy;
    this.#allocate();
  }

  #allocate(): void {
    const missing = this.policy.allocation_tokens - this.#allocated[this.policy.mode];
    if (missing <= 0) return;
    this.#allocated[this.policy.mode] += missing;
    this.free[this.policy.mode] += missing;
    this.granted += missing;
  }

  /** Takes up to `amount` out of a purse, monthly tokens first. */
  #take(purse: Purse, amount: number): Purse {
    const monthly = Math.min(amount, purse.monthly);
    const lifetime = Math.min(amount - monthly, purse.lifetime);
    purse.monthly -= monthly;
    purse.lifetime -= lifetime;
    return { monthly, lifetime };
  }

  reserve(id: number, amount: number, sessionS: number, policy: WalletPolicy, nowMs: number): string {
    this.catchUp(nowMs, policy);
    const known = this.holds.get(id);
    if (known !== undefined) {
      if (known.asked !== amount) return 'idempotency_mismatch';
      return known.end === undefined ? 'ok' : `reservation_${known.end}`;
    }
    if (sessionS <= this.revokedUntilS) return 'session_revoked';
    if (this.#open.length >= this.policy.in_flight_max) return 'too_many_in_flight';
    if (this.policy.enforcement === 'hard' && amount > sum(this.free)) return 'insufficient_balance';
    this.holds.set(id, {
      asked: amount,
      purse: this.#take(this.free, amount),
      month: this.month,
      deadlineMs: nowMs + this.policy.reservation_lifetime_ms,
      cost: 0,
    });
    return 'ok';
  }

  end(id: number, end: End, cost: number, nowMs: number): string {
    this.catchUp(nowMs);
    const hold = this.holds.get(id);
    if (hold === undefined) return 'reservation_not_found';
    if (hold.end !== undefined) {
      if (hold.end !== end) return `reservation_${hold.end}`;
      return hold.cost === cost ? 'ok' : 'idempotency_mismatch';
    }
    if (cost > hold.asked) return 'amount_out_of_range';
    const paid = sum(this.#take(hold.purse, cost));
    const paidLater = sum(this.#take(this.free, cost - paid));
    this.consumed += paid + paidLater;
    this.overage += cost - paid - paidLater;
    const returns =
      hold.month === this.month ? hold.purse.monthly : Math.min(hold.purse.monthly, this.#mayStillRollOver);
    if (hold.month !== this.month) this.#mayStillRollOver -= returns;
    this.expired += hold.purse.monthly - returns;
    this.free.monthly += returns;
    this.free.lifetime += hold.purse.lifetime;
    hold.purse = { monthly: 0, lifetime: 0 };
    hold.end = end;
    hold.cost = cost;
    return 'ok';
  }

  expireOverdue(nowMs: number): void {
    for (const [id, hold] of this.holds)
      if (hold.end === undefined && hold.deadlineMs <= nowMs) this.end(id, 'expired', 0, nowMs);
  }

  correct(amount: number, policy: WalletPolicy, nowMs: number): string {
    this.catchUp(nowMs, policy);
    if (-amount > sum(this.free)) return 'insufficient_balance';
    const lifetime = Math.max(amount, -this.free.lifetime);
    this.free.lifetime += lifetime;
    this.free.monthly += amount - lifetime;
    this.granted += amount;
    return 'ok';
  }

  /** What {@link WalletView} would show. */
  get figures() {
    const held = this.#open.map((hold) => hold.purse);
    const monthly = this.free.monthly + held.reduce((total, purse) => total + purse.monthly, 0);
    const lifetime = this.free.lifetime + held.reduce((total, purse) => total + purse.lifetime, 0);
    return {
      available: sum(this.free),
      reserved: monthly + lifetime - sum(this.free),
      monthly,
      lifetime,
      overage: this.overage,
      granted: this.granted,
      consumed: this.consumed,
      expired: this.expired,
      in_flight: held.length,
      period: this.month,
    };
  }
}
