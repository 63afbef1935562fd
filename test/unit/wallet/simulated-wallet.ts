import type { ExecutionOutcome, JournalEntry } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { adoptPolicy, bringUpToDate, newWallet } from '../../../durable-objects/wallet/rules/allocation.ts';
import { correct } from '../../../durable-objects/wallet/rules/corrections.ts';
import { type EndKind, end, extend, reserve } from '../../../durable-objects/wallet/rules/reservations.ts';
import type { Change, Reservation, WalletState } from '../../../durable-objects/wallet/rules/state.ts';

export const IDENTITY = {
  tenant_id: '01900000-0000-7000-8000-00000000000a',
  user_id: '01900000-0000-7000-8000-00000000000b',
};

export const HARD_LIFETIME: WalletPolicy = {
  version: 1,
  mode: 'lifetime',
  allocation_tokens: 1_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 5,
};

const USER = { kind: 'user', id: IDENTITY.user_id } as const;

/** The id of execution `number`, so that tests can name executions by number. */
export const executionId = (number: number): string =>
  `01900000-0000-7000-9000-${String(number).padStart(12, '0')}`;

export const outcomeOf = (id: string, status: ExecutionOutcome['status']): ExecutionOutcome => ({
  id,
  status,
  provider_name: null,
  provider_model: null,
  finish_reason: null,
  usage: null,
  usage_source: null,
  price_version: null,
  cost_micro_usd: 0,
  attempts: [],
  error_code: null,
  finished_at_ms: 0,
});

/** The rules with state in memory, in place of the Durable Object's storage, clock and queue. */
export class SimulatedWallet {
  state: WalletState;
  nowMs: number;
  policy: WalletPolicy;
  readonly entries: JournalEntry[] = [];
  readonly reservations = new Map<string, Reservation>();

  constructor(policy: WalletPolicy, nowMs: number) {
    this.policy = policy;
    this.nowMs = nowMs;
    this.state = newWallet(IDENTITY, policy, nowMs);
  }

  #keep<Decision extends Change>(decision: Decision): Decision {
    this.state = decision.state;
    this.entries.push(...decision.entries);
    if (decision.reservation !== undefined)
      this.reservations.set(decision.reservation.id, decision.reservation);
    return decision;
  }

  /** The current time, never before the newest change, as in the shell (I10). */
  get walletTimeMs(): number {
    return Math.max(this.nowMs, this.state.at_ms);
  }

  read() {
    return this.#keep(bringUpToDate(this.state, this.policy, this.walletTimeMs));
  }

  reserve(number: number, amount: number, sessionIssuedAtS: number | null = null) {
    const id = executionId(number);
    const execution = {
      id,
      model: 'gpt-5.4-mini',
      api_key_id: null,
      input_tokens_bound: 10,
      max_output_tokens: 10,
      price_version: 1,
      started_at_ms: 0,
    };
    const command = {
      wallet: IDENTITY,
      policy: this.policy,
      amount,
      actor: USER,
      session_issued_at_s: sessionIssuedAtS,
      key: null,
      execution,
    };
    return this.#keep(
      reserve(
        this.state,
        { known: this.reservations.get(id), key: undefined, idempotency: undefined },
        command,
        this.walletTimeMs,
      ),
    );
  }

  extend(number: number, amount = 0) {
    const known = this.reservations.get(executionId(number));
    return this.#keep(extend(this.state, { known, key: undefined }, this.walletTimeMs, { amount }));
  }

  /** Lowers a hold, if it is `from`: what it is, unless given. */
  lower(number: number, amount: number, from?: number) {
    const known = this.reservations.get(executionId(number));
    const change = { amount, lowers_from: from ?? known?.amount };
    return this.#keep(extend(this.state, { known, key: undefined }, this.walletTimeMs, change));
  }

  /** Adopts a policy that an administrator changed. */
  adoptPolicy(policy: WalletPolicy) {
    return this.#keep(adoptPolicy(this.state, policy, this.walletTimeMs));
  }

  end(number: number, kind: EndKind, amount: number) {
    const id = executionId(number);
    const status = kind === 'debit' ? 'succeeded' : kind === 'release' ? 'failed' : 'expired';
    const outcome = outcomeOf(id, status);
    const facts = { known: this.reservations.get(id), key: undefined, idempotency: undefined };
    return this.#keep(end(this.state, facts, { kind, amount, outcome }, this.walletTimeMs));
  }

  /** Expires reservations past their deadline, as the alarm does. */
  expireOverdue(): void {
    for (const { id, state, expires_at_ms } of [...this.reservations.values()]) {
      if (state === 'held' && expires_at_ms <= this.walletTimeMs)
        this.end(Number(id.slice(-12)), 'expiry', 0);
    }
  }

  correct(kind: 'credit' | 'adjustment', amount: number, operationId: string) {
    const command = {
      wallet: IDENTITY,
      policy: this.policy,
      operation_id: operationId,
      amount,
      actor: { kind: 'admin', id: IDENTITY.user_id } as const,
      reason: 'a test',
      reference: null,
    };
    return this.#keep(correct(this.state, kind, command, this.walletTimeMs));
  }
}
