import type { WalletPolicy } from '../../../contracts/wallet-policy.ts';

/** Tokens by where they come from. */
type Purse = { monthly: number; lifetime: number };
type End = 'settled' | 'released' | 'expired';
type Hold = {
  asked: number;
  purse: Purse;
  month: string;
  madeMs: number;
  deadlineMs: number;
  end?: End;
  cost: number;
};

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
  disabled = false;
  /** Nothing has happened yet: no past, and no month that could be over. */
  #untouched = true;
  /** What the warnings speak of: tokens charged, out of how many, and which percents were said already. */
  #period = { used: 0, outOf: 0, said: new Set<number>(), refusals: 0, missing: 0 };
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
    const thisMonth = new Date(nowMs).toISOString().slice(0, 7);
    if (this.#untouched && this.month < thisMonth) this.month = thisMonth;
    while (this.month < thisMonth) {
      const cap = this.policy.mode === 'monthly' ? this.policy.rollover_cap_tokens : 0;
      const kept = Math.min(cap, this.free.monthly);
      this.expired += this.free.monthly - kept;
      this.free.monthly = kept;
      this.#mayStillRollOver = cap - kept;
      this.#allocated.monthly = 0;
      if (this.policy.mode === 'monthly') this.#newPeriod(0);
      const next = new Date(`${this.month}-15T00:00:00Z`);
      next.setUTCMonth(next.getUTCMonth() + 1);
      this.month = next.toISOString().slice(0, 7);
      this.#allocate();
    }
    this.hear(policy);
    this.#allocate();
  }

  /** A newer policy counts, an older one does not. Another mode begins a period. */
  hear(policy: WalletPolicy): void {
    if (policy.version <= this.policy.version) return;
    const before = this.policy.mode;
    this.policy = policy;
    if (policy.mode !== before) this.#newPeriod(this.#fullPurse);
  }

  /** An administrator's change reaches the wallet on its own. */
  tell(policy: WalletPolicy, nowMs: number): void {
    if (this.#untouched) this.hear(policy);
    else this.catchUp(nowMs, policy);
  }

  /** What a period is measured against: the month's allocation, or all there is. */
  get #fullPurse(): number {
    const { monthly, lifetime } = this.figures;
    return this.policy.mode === 'monthly' ? this.#allocated.monthly : monthly + lifetime;
  }

  #newPeriod(outOf: number): void {
    this.#period = { used: 0, outOf, said: new Set(), refusals: 0, missing: 0 };
  }

  #grantCame(): void {
    this.#untouched = false;
    if (this.policy.mode === 'monthly') this.#period.outOf = this.#fullPurse;
    else this.#newPeriod(this.#fullPurse);
  }

  #allocate(): void {
    const missing = this.policy.allocation_tokens - this.#allocated[this.policy.mode];
    if (missing <= 0) return;
    this.#allocated[this.policy.mode] += missing;
    this.free[this.policy.mode] += missing;
    this.granted += missing;
    this.#grantCame();
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
    if (this.disabled) return 'user_disabled';
    if (sessionS <= this.revokedUntilS) return 'session_revoked';
    if (this.#open.length >= this.policy.in_flight_max) return 'too_many_in_flight';
    if (this.policy.enforcement === 'hard' && amount > sum(this.free)) return 'insufficient_balance';
    this.#untouched = false;
    const missing = Math.max(0, amount - sum(this.free));
    if (missing > 0) {
      this.#period.refusals += 1;
      this.#period.missing += missing;
    }
    this.holds.set(id, {
      asked: amount,
      purse: this.#take(this.free, amount),
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
    this.saidNow = [];
    if (end === 'settled') this.#count(cost);
    return 'ok';
  }

  /** The thresholds that the last end was the first to reach. */
  saidNow: number[] = [];

  #reached(): number[] {
    const { used, outOf } = this.#period;
    if (this.policy.enforcement === 'monitor' || outOf === 0) return [];
    return this.policy.warning_thresholds_percent.filter((percent) => used / outOf >= percent / 100);
  }

  #count(cost: number): void {
    this.#period.used += cost;
    const highest = Math.max(0, ...this.#period.said);
    this.saidNow = this.#reached().filter((percent) => percent > highest);
    for (const percent of this.saidNow) this.#period.said.add(percent);
  }

  /** A stream asks for more time. */
  extend(id: number, nowMs: number): string {
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
    this.#untouched = false;
    if (amount > 0) this.#grantCame();
    return 'ok';
  }

  /** What the wallet's owner is shown. */
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

  /** What is shown beside the figures. */
  get notices() {
    const reached = this.#reached();
    const { used, outOf, refusals, missing } = this.#period;
    return {
      used_this_period: used,
      would_refuse: { executions: refusals, tokens: missing },
      warning:
        reached.length === 0
          ? null
          : {
              threshold_percent: Math.max(...reached),
              used_percent: Math.min(1_000, Math.floor((used * 100) / outOf)),
            },
    };
  }
}
