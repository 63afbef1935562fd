import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';

/** Tokens by bucket. */
type Buckets = { monthly: number; lifetime: number };
type End = 'settled' | 'released' | 'expired';
type Hold = {
  asked: number;
  /** The most that it may be charged: what was asked for, and what it was raised by. */
  most: number;
  buckets: Buckets;
  month: string;
  madeMs: number;
  deadlineMs: number;
  end?: End;
  cost: number;
};

const sum = ({ monthly, lifetime }: Buckets) => monthly + lifetime;

/**
 * A second, simpler implementation of the wallet: one set of buckets that is free and one per hold, without totals, journal
 * or hashes. It shares no code with the rules, so a disagreement shows a bug in one of them.
 */
export class WalletModel {
  readonly holds = new Map<number, Hold>();
  policy: WalletPolicy;
  month: string;
  free: Buckets = { monthly: 0, lifetime: 0 };
  granted = 0;
  consumed = 0;
  expired = 0;
  overage = 0;
  revokedUntilS = 0;
  disabled = false;
  /** True until the first use: there is no month to close. */
  #unused = true;
  /** The figures of the warnings: tokens used, the budget, the thresholds announced, and the shortfalls. */
  #period = { used: 0, budget: 0, announced: new Set<number>(), refusals: 0, missing: 0 };
  #allocated: Buckets = { monthly: 0, lifetime: 0 };
  #rolloverLeft = 0;

  constructor(policy: WalletPolicy, nowMs: number) {
    this.policy = policy;
    this.month = new Date(nowMs).toISOString().slice(0, 7);
  }

  get #open(): Hold[] {
    return [...this.holds.values()].filter((hold) => hold.end === undefined);
  }

  /** Closes months first, then adopts the policy (docs/wallet.md). */
  catchUp(nowMs: number, policy: WalletPolicy = this.policy): void {
    const thisMonth = new Date(nowMs).toISOString().slice(0, 7);
    if (this.#unused && this.month < thisMonth) this.month = thisMonth;
    while (this.month < thisMonth) {
      const cap = this.policy.mode === 'monthly' ? this.policy.rollover_cap_tokens : 0;
      const kept = Math.min(cap, this.free.monthly);
      this.expired += this.free.monthly - kept;
      this.free.monthly = kept;
      this.#rolloverLeft = cap - kept;
      this.#allocated.monthly = 0;
      if (this.policy.mode === 'monthly') this.#newPeriod(0);
      const next = new Date(`${this.month}-15T00:00:00Z`);
      next.setUTCMonth(next.getUTCMonth() + 1);
      this.month = next.toISOString().slice(0, 7);
      this.#allocate();
    }
    this.adopt(policy);
    this.#allocate();
  }

  /** Adopts a newer policy and ignores an older one. A change of mode begins a period. */
  adopt(policy: WalletPolicy): void {
    if (policy.version <= this.policy.version) return;
    const before = this.policy.mode;
    this.policy = policy;
    if (policy.mode !== before) this.#newPeriod(this.#budget);
  }

  /** Adopts a policy that an administrator changed. */
  adoptPolicy(policy: WalletPolicy, nowMs: number): void {
    if (this.#unused) this.adopt(policy);
    else this.catchUp(nowMs, policy);
  }

  /** The budget of a period: the month's allocation, or the whole balance. */
  get #budget(): number {
    const { monthly, lifetime } = this.figures;
    return this.policy.mode === 'monthly' ? this.#allocated.monthly : monthly + lifetime;
  }

  #newPeriod(budget: number): void {
    this.#period = { used: 0, budget, announced: new Set(), refusals: 0, missing: 0 };
  }

  #countGrant(): void {
    this.#unused = false;
    if (this.policy.mode === 'monthly') this.#period.budget = this.#budget;
    else this.#newPeriod(this.#budget);
  }

  #allocate(): void {
    const missing = this.policy.allocation_tokens - this.#allocated[this.policy.mode];
    if (missing <= 0) return;
    this.#allocated[this.policy.mode] += missing;
    this.free[this.policy.mode] += missing;
    this.granted += missing;
    this.#countGrant();
  }

  /** Takes up to `amount` out of the buckets, monthly tokens first. */
  #take(buckets: Buckets, amount: number): Buckets {
    const monthly = Math.min(amount, buckets.monthly);
    const lifetime = Math.min(amount - monthly, buckets.lifetime);
    buckets.monthly -= monthly;
    buckets.lifetime -= lifetime;
    return { monthly, lifetime };
  }

  reserve(id: number, amount: number, sessionS: number, policy: WalletPolicy, nowMs: number): string {
    this.catchUp(nowMs, policy);
    const known = this.holds.get(id);
    if (known !== undefined) {
      if (known.asked !== amount) return 'idempotency_mismatch';
      return known.end === undefined ? 'ok' : `reservation_${known.end}`;
    }
    if (this.disabled) return 'user_disabled';
    if (sessionS <= this.revokedUntilS) return 'session_revoked';
    if (this.#open.length >= this.policy.in_flight_max) return 'too_many_in_flight';
    if (this.policy.enforcement === 'hard' && amount > sum(this.free)) return 'insufficient_balance';
    this.#unused = false;
    const missing = Math.max(0, amount - sum(this.free));
    if (missing > 0) {
      this.#period.refusals += 1;
      this.#period.missing += missing;
    }
    this.holds.set(id, {
      asked: amount,
      most: amount,
      buckets: this.#take(this.free, amount),
      month: this.month,
      madeMs: nowMs,
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
    if (cost > hold.most) return 'amount_out_of_range';
    const paid = sum(this.#take(hold.buckets, cost));
    const paidLater = sum(this.#take(this.free, cost - paid));
    this.consumed += paid + paidLater;
    this.overage += cost - paid - paidLater;
    const returns =
      hold.month === this.month ? hold.buckets.monthly : Math.min(hold.buckets.monthly, this.#rolloverLeft);
    if (hold.month !== this.month) this.#rolloverLeft -= returns;
    this.expired += hold.buckets.monthly - returns;
    this.free.monthly += returns;
    this.free.lifetime += hold.buckets.lifetime;
    hold.buckets = { monthly: 0, lifetime: 0 };
    hold.end = end;
    hold.cost = cost;
    this.announcedNow = [];
    if (end === 'settled') this.#count(cost);
    return 'ok';
  }

  /** The thresholds that the last settlement was the first to reach. */
  announcedNow: number[] = [];

  #reached(): number[] {
    const { used, budget } = this.#period;
    if (this.policy.enforcement === 'monitor' || budget === 0) return [];
    return this.policy.warning_thresholds_percent.filter((percent) => used / budget >= percent / 100);
  }

  #count(cost: number): void {
    this.#period.used += cost;
    const highest = Math.max(0, ...this.#period.announced);
    this.announcedNow = this.#reached().filter((percent) => percent > highest);
    for (const percent of this.announcedNow) this.#period.announced.add(percent);
  }

  /** Extends the deadline of a hold, and raises it towards `amount` with free tokens; once its month is over with lifetime ones alone. */
  extend(id: number, nowMs: number, amount = 0): string {
    this.catchUp(nowMs);
    const hold = this.holds.get(id);
    if (hold === undefined) return 'reservation_not_found';
    if (hold.end !== undefined) return `reservation_${hold.end}`;
    if (this.disabled) return 'user_disabled';
    const latest = hold.madeMs + 60 * 60 * 1_000;
    hold.deadlineMs = Math.max(
      hold.deadlineMs,
      Math.min(latest, nowMs + this.policy.reservation_lifetime_ms),
    );
    const monthly = hold.month === this.month ? this.free.monthly : 0;
    const allowed = this.policy.enforcement === 'hard' ? monthly + this.free.lifetime : Number.MAX_VALUE;
    const more = Math.max(0, Math.min(amount - hold.most, allowed));
    const fromMonthly = Math.min(more, monthly);
    const fromLifetime = Math.min(more - fromMonthly, this.free.lifetime);
    this.free.monthly -= fromMonthly;
    this.free.lifetime -= fromLifetime;
    hold.buckets.monthly += fromMonthly;
    hold.buckets.lifetime += fromLifetime;
    hold.most += more;
    return 'ok';
  }

  /** Lowers a hold to `amount`, lifetime tokens first; raises it if that is more. Its monthly tokens stay once its month is over. */
  lower(id: number, nowMs: number, amount: number): string {
    const answer = this.extend(id, nowMs, amount);
    const hold = this.holds.get(id);
    if (answer !== 'ok' || hold === undefined || amount >= hold.most) return answer;
    hold.most = amount;
    let unused = Math.max(0, sum(hold.buckets) - amount);
    for (const bucket of ['lifetime', 'monthly'] as const) {
      if (bucket === 'monthly' && hold.month !== this.month) continue;
      const freed = Math.min(unused, hold.buckets[bucket]);
      hold.buckets[bucket] -= freed;
      this.free[bucket] += freed;
      unused -= freed;
    }
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
    this.#unused = false;
    if (amount > 0) this.#countGrant();
    return 'ok';
  }

  /** The figures of the wallet's view. */
  get figures() {
    const held = this.#open.map((hold) => hold.buckets);
    const monthly = this.free.monthly + held.reduce((total, buckets) => total + buckets.monthly, 0);
    const lifetime = this.free.lifetime + held.reduce((total, buckets) => total + buckets.lifetime, 0);
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

  /** The warnings and counts of the wallet's view. */
  get notices() {
    const reached = this.#reached();
    const { used, budget, refusals, missing } = this.#period;
    return {
      used_this_period: used,
      would_refuse: { executions: refusals, tokens: missing },
      warning:
        reached.length === 0
          ? null
          : {
              threshold_percent: Math.max(...reached),
              used_percent: Math.min(1_000, Math.floor((used * 100) / budget)),
            },
    };
  }
}
