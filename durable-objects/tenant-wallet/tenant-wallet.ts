import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { CommandProcessor } from '../wallet/command-processor.ts';
import type { Acknowledgement, RecallAnswer, RecallCommand, WalletRpc } from '../wallet/commands.ts';
import { runDueWork } from '../wallet/maintenance.ts';
import { PLACEHOLDER_POLICY } from '../wallet/rules/allocation.ts';
import { availableOf, type Reservation, type WalletState } from '../wallet/rules/state.ts';
import { WalletObject } from '../wallet/wallet-object.ts';
import * as commands from './commands.ts';
import { budgetViewOf, setBudget } from './rules/budget.ts';
import { endLease, LEASE_LIFETIME_MS, lease, OVERDUE_AFTER_MS } from './rules/leases.ts';

/** Wallets that are asked at the same time. */
const ASKED_AT_ONCE = 50;
/** After a recall that did not help, none follows for this many times its duration: everybody who is refused would ask every wallet. */
const RECALL_PAUSES = 3;

/** Moves the deadline of a lease that was not ended: its wallet is asked for it, and nothing is taken back before it answers. */
function prolong(processor: CommandProcessor, state: WalletState, id: string, nowMs: number): void {
  const { known } = processor.recordsOfExecution(id);
  if (known === undefined) throw new Error('An overdue lease is known');
  const reservation = { ...known, expires_at_ms: nowMs + OVERDUE_AFTER_MS };
  processor.commit({ state: { ...state, at_ms: nowMs }, entries: [], reservation }, nowMs);
}

/** A tenant's wallet: the budget that the wallets of its users lease from, in micro-USD. */
export class TenantWallet extends WalletObject implements commands.TenantWalletRpc {
  #recalling: Promise<boolean> | undefined;
  #noRecallUntilMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, {});
  }

  async lease(raw: commands.LeaseCommand): Promise<commands.LeaseAnswer> {
    const answer = await this.#lease(raw);
    if (
      answer.ok ||
      answer.code !== 'insufficient_balance' ||
      answer.available + answer.reserved < answer.required
    )
      return answer;
    return (await this.#recallUnused(raw.user_id)) ? this.#lease(raw) : answer;
  }

  #lease(raw: commands.LeaseCommand): Promise<commands.LeaseAnswer> {
    return this.processor.run(commands.leaseCommand, raw, (command): commands.LeaseAnswer => {
      this.#apply(command.ends);
      const nowMs = this.processor.now();
      const { known } = this.processor.recordsOfExecution(command.lease_id);
      const decision = lease(this.processor.stateFor(command, nowMs), known, command, nowMs);
      this.processor.commit(decision, nowMs);
      if (decision.refusal !== undefined) return decision.refusal;
      const amount = decision.reservation?.amount ?? known?.amount ?? 0;
      const { state } = decision;
      const free = state.policy.enforcement === 'hard' ? availableOf(state) : null;
      return { ok: true, amount, ends_at_ms: nowMs + LEASE_LIFETIME_MS, free };
    });
  }

  async endLeases(raw: commands.EndLeasesCommand): Promise<Acknowledgement> {
    return this.processor.run(commands.endLeasesCommand, raw, ({ ends }): Acknowledgement => {
      this.#apply(ends);
      return { ok: true };
    });
  }

  async setBudget(raw: commands.SetBudgetCommand): Promise<commands.SetBudgetAnswer> {
    // What was spent counts, and only what running executions hold cannot be taken away.
    await this.#recall('returns');
    return this.processor.run(commands.setBudgetCommand, raw, (command): commands.SetBudgetAnswer => {
      const { balance, actor, reason } = command;
      // A repetition brings a later version.
      const { version: _, ...policy } = command.policy;
      const answer = this.processor.runOnce(
        command,
        { kind: 'budget', policy, balance, actor, reason },
        (state, nowMs) => setBudget(state, command, nowMs),
      );
      if (!answer.ok) return answer;
      return { ok: true, seq: answer.seq, budget: this.#budget(this.#current(command)) };
    });
  }

  async readBudget(raw: commands.ReadBudgetCommand): Promise<commands.ReadBudgetAnswer> {
    const answer = await this.processor.run(
      commands.readBudgetCommand,
      raw,
      (command): commands.ReadBudgetAnswer => ({
        ok: true,
        budget: this.#budget(this.processor.currentState(command)),
      }),
    );
    if (!answer.ok || !raw.asks_wallets) return answer;
    const reports = await this.#ask('reports');
    const unsettled = reports.reduce((sum, { spent }) => sum + spent, 0);
    const { budget } = answer;
    const told = {
      balance: Math.max(0, budget.balance - unsettled),
      leased: Math.max(0, budget.leased - unsettled),
      spent: budget.spent + unsettled,
      spent_this_period: budget.spent_this_period + unsettled,
    };
    return { ok: true, budget: { ...budget, ...told } };
  }

  async setTenantStanding(raw: commands.SetTenantStandingCommand): Promise<Acknowledgement> {
    const answer = await this.processor.run(
      commands.setTenantStandingCommand,
      raw,
      ({ wallet, status, version }): Acknowledgement => {
        const nowMs = this.processor.now();
        const state = this.processor.stateFor({ wallet, policy: PLACEHOLDER_POLICY }, nowMs);
        const standing = { status: status === 'active' ? 'active' : 'disabled', version } as const;
        if (version > state.standing.version)
          this.processor.commit({ state: { ...state, standing }, entries: [] }, nowMs);
        return { ok: true };
      },
    );
    if (answer.ok && this.processor.state?.standing.status === 'disabled') await this.#recall('freezes');
    return answer;
  }

  override async alarm(): Promise<void> {
    await runDueWork(this.processor, { overdue: prolong, more: (nowMs) => this.#recallOverdue(nowMs) });
  }

  /** Asks wallets whose lease is older than its lifetime, since they should have ended it. */
  async #recallOverdue(nowMs: number): Promise<void> {
    const old = nowMs - OVERDUE_AFTER_MS;
    const overdue = this.processor.records.held().filter(({ reserved_at_ms }) => reserved_at_ms <= old);
    if (overdue.length > 0) await this.#recall('returns', overdue);
  }

  /** Applies ends of leases, each once. Called inside a command. */
  #apply(ends: commands.LeaseEnds): void {
    for (const end of ends) {
      const { state } = this.processor;
      if (state === undefined) return;
      const nowMs = this.processor.now();
      const { known } = this.processor.recordsOfExecution(end.lease_id);
      const successor =
        end.successor === null ? undefined : this.processor.recordsOfExecution(end.successor.lease_id).known;
      const changes = endLease(state, { known, successor }, end, nowMs);
      if (changes === null) continue;
      this.processor.commit(changes.ended, nowMs);
      if (changes.opened !== null) this.processor.commit(changes.opened, nowMs);
    }
  }

  /**
   * Recalls what other wallets do not use, which also tells what they have spent. Returns false if it is too early for another recall.
   * Those who wait share one.
   */
  async #recallUnused(exceptUserId: string): Promise<boolean> {
    if (this.#recalling !== undefined) {
      await this.#recalling;
      return true;
    }
    if (Date.now() < this.#noRecallUntilMs) return false;
    const others = this.processor.records.held().filter(({ user_id }) => user_id !== exceptUserId);
    const beganMs = Date.now();
    this.#recalling = this.#recall('returns', others).finally(() => {
      this.#recalling = undefined;
    });
    const helped = await this.#recalling;
    const endedMs = Date.now();
    if (!helped) this.#noRecallUntilMs = endedMs + RECALL_PAUSES * (endedMs - beganMs);
    return true;
  }

  /** Asks wallets to end their leases, and applies the ends. Returns true if more is free afterwards. */
  async #recall(mode: RecallCommand['mode'], leases = this.processor.records.held()): Promise<boolean> {
    const freeBefore = this.#free();
    const { state } = this.processor;
    if (state === undefined) return false;
    const ends = (await this.#ask(mode, leases)).flatMap((answer) => answer.ends);
    await this.processor.run(commands.endLeasesCommand, { wallet: state.identity, ends }, (command) => {
      this.#apply(command.ends);
      return { ok: true };
    });
    return this.#free() > freeBefore;
  }

  /** Asks the wallets of leases. Those that cannot be reached are left out. */
  async #ask(mode: RecallCommand['mode'], leases: Reservation[] = this.processor.records.held()) {
    const answers: Extract<RecallAnswer, { ok: true }>[] = [];
    for (let at = 0; at < leases.length; at += ASKED_AT_ONCE) {
      const asked = leases.slice(at, at + ASKED_AT_ONCE).map((held) => this.#askOne(mode, held));
      for (const answer of await Promise.all(asked)) if (answer?.ok === true) answers.push(answer);
    }
    return answers;
  }

  async #askOne(
    mode: RecallCommand['mode'],
    { id, user_id }: Reservation,
  ): Promise<RecallAnswer | undefined> {
    const tenant_id = this.processor.state?.identity.tenant_id;
    if (tenant_id === undefined || user_id === undefined) return undefined;
    const wallet: WalletIdentity = { tenant_id, user_id };
    const stub: WalletRpc = this.env.WALLET.getByName(`${tenant_id}/${user_id}`);
    try {
      return await stub.recall({ wallet, lease_id: id, mode });
    } catch (error) {
      console.error(
        JSON.stringify({ level: 'warn', event: 'lease_recall_failed', wallet, error: String(error) }),
      );
      return undefined;
    }
  }

  #free(): number {
    const { state } = this.processor;
    return state === undefined ? 0 : budgetViewOf(state, 0).available;
  }

  #current(command: { wallet: WalletIdentity }): WalletState {
    return this.processor.state ?? this.processor.currentState({ ...command, policy: PLACEHOLDER_POLICY });
  }

  #budget(state: WalletState): commands.BudgetView {
    return budgetViewOf(state, this.processor.records.held().length);
  }
}
