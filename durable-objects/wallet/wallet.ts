import { DurableObject } from 'cloudflare:workers';
import type { z } from 'zod';
import type { ExecutionOutcome, WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { bringUpToDate, newWallet } from './allocation.ts';
import * as commands from './commands.ts';
import { batchesOf, DRAIN_ENTRIES_MAX, resendDelayMs, SEND_DELAY_MS } from './outbox.ts';
import { correct, type EndKind, end, fingerprintOf, reserve } from './rules.ts';
import { type Change, endOfPeriodMs, viewOf, type WalletState } from './state.ts';
import { WalletStore } from './store.ts';

const SYSTEM = { kind: 'system', id: null } as const;
/** Reservations ended per alarm; the rest has the next alarm at once. */
const EXPIRIES_MAX = 500;
/** How long what Postgres has confirmed, and what has ended, can still be asked about. */
const RETENTION_MS = 7 * 86_400_000;
/** Old entries forgotten per alarm: more than a busy wallet writes between two alarms, so it keeps up. */
const PRUNED_MAX = 2_000;
/** An alarm that failed comes back after this; the platform alone would give up after six tries. */
const ALARM_RETRY_MS = 5_000;

/** A queue that does not answer must not keep the alarm from ending reservations. */
const SEND_TIMEOUT_MS = 10_000;

/** Allows nothing, and gives way to any real policy. */
const CLOSED_POLICY: WalletPolicy = {
  version: 0,
  mode: 'lifetime',
  allocation_tokens: 0,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 1,
};

/** Rejects when `work` takes longer than `limitMs`; what it does later goes unheard. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

type Parsed<Command> = { ok: true; command: Command } | (commands.CommandRefusal & { command?: undefined });

/**
 * One user's wallet: the shell around the rules. It parses, lets the rules decide, writes what they decided in one
 * transaction, and answers. Nothing awaits between reading the state and writing it, so commands never interleave.
 */
export class Wallet extends DurableObject<Env> implements commands.WalletRpc {
  readonly #store: WalletStore;
  #state: WalletState | undefined;
  /** When the alarm is set for; null when it is not. Kept here because asking the platform each time costs a wait. */
  #alarmMs: number | null = null;
  /** Settles when what was written last is on disk; undefined when everything is. */
  #commitInFlight: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new WalletStore(ctx.storage.sql);
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.transactionSync(() => this.#store.migrate());
      this.#state = this.#store.loadState();
      this.#alarmMs = await ctx.storage.getAlarm();
    });
  }

  async reserve(raw: commands.ReserveCommand): Promise<commands.ReserveAnswer> {
    return this.#run(commands.reserveCommand, raw, (command): commands.ReserveAnswer => {
      const known = this.#store.findReservation(command.execution.id);
      const nowMs = this.#now();
      const decision = reserve(this.#stateFor(command, nowMs), known, command, nowMs);
      this.#commit(decision, nowMs);
      if (decision.refusal !== undefined) return decision.refusal;
      const { reservation } = decision;
      if (reservation === undefined) throw new Error('A reserve without refusal has a reservation');
      return {
        ok: true,
        reserved: reservation.amount,
        expires_at_ms: reservation.expires_at_ms,
        view: viewOf(decision.state),
      };
    });
  }

  async settle(raw: commands.SettleCommand): Promise<commands.SettleAnswer> {
    return this.#run(commands.settleCommand, raw, ({ amount, outcome }) =>
      this.#end('debit', amount, outcome),
    );
  }

  async release(raw: commands.ReleaseCommand): Promise<commands.ReleaseAnswer> {
    return this.#run(commands.releaseCommand, raw, ({ outcome }) => this.#end('release', 0, outcome));
  }

  async credit(raw: commands.CreditCommand): Promise<commands.CorrectionAnswer> {
    return this.#run(commands.creditCommand, raw, (command) => this.#correct('credit', command));
  }

  async adjust(raw: commands.AdjustCommand): Promise<commands.CorrectionAnswer> {
    return this.#run(commands.adjustCommand, raw, (command) => this.#correct('adjustment', command));
  }

  async read(raw: commands.ReadCommand): Promise<commands.ReadAnswer> {
    return this.#run(commands.readCommand, raw, (command): commands.ReadAnswer => {
      const nowMs = this.#now();
      const change = bringUpToDate(this.#stateFor(command, nowMs), command.policy, nowMs);
      this.#commit(change, nowMs);
      const { session_issued_at_s } = command;
      if (session_issued_at_s !== null && session_issued_at_s <= change.state.sessions_revoked_until_s) {
        return { ok: false, code: 'session_revoked' };
      }
      return { ok: true, view: viewOf(change.state) };
    });
  }

  async confirm(raw: commands.ConfirmCommand): Promise<void> {
    await this.#run(commands.confirmCommand, raw, ({ first_seq, last_seq }) =>
      this.#store.confirm(first_seq, last_seq, this.#now()),
    );
  }

  async revokeSessions(raw: commands.RevokeCommand): Promise<void> {
    await this.#run(commands.revokeCommand, raw, ({ wallet, issued_before_s }) => {
      const nowMs = this.#now();
      // A wallet nobody has used yet has no policy either; the one that allows nothing is replaced by the first real one.
      const state = this.#state ?? newWallet(wallet, CLOSED_POLICY, nowMs);
      const sessions_revoked_until_s = Math.max(state.sessions_revoked_until_s, issued_before_s);
      this.#commit({ state: { ...state, sessions_revoked_until_s }, entries: [] }, nowMs);
    });
  }

  async ping(): Promise<'pong'> {
    return 'pong';
  }

  /** Ends what is overdue, opens a month that has begun, sends what Postgres has not confirmed, and sets the next alarm. */
  override async alarm(): Promise<void> {
    this.#alarmMs = null;
    try {
      const nowMs = this.#now();
      this.#expireOverdue(nowMs);
      await this.#drainOutbox(nowMs);
      this.#store.prune(nowMs - RETENTION_MS, PRUNED_MAX);
      this.#arm();
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', event: 'wallet_alarm_failed', error: String(error) }));
      this.#wakeBy(Date.now() + ALARM_RETRY_MS);
    }
  }

  #expireOverdue(nowMs: number): void {
    if (this.#state === undefined) return;
    this.#commit(bringUpToDate(this.#state, this.#state.policy, nowMs), nowMs);
    for (const { id } of this.#store.overdueReservations(nowMs, EXPIRIES_MAX)) {
      const outcome: ExecutionOutcome = {
        id,
        status: 'expired',
        provider_name: null,
        provider_model: null,
        finish_reason: null,
        usage: null,
        usage_source: null,
        price_version: null,
        cost_micro_usd: 0,
        attempts: [],
        error_code: 'reservation_expired',
        finished_at_ms: nowMs,
      };
      this.#end('expiry', 0, outcome);
    }
  }

  async #drainOutbox(nowMs: number): Promise<void> {
    if (this.#state === undefined) return;
    const due = this.#store.dueEntries(nowMs, DRAIN_ENTRIES_MAX);
    // Put off first: if the queue does not take them they are due again later, and never lost.
    for (const { entry, sends } of due)
      this.#store.postpone(entry.seq, sends + 1, nowMs + resendDelayMs(sends + 1));
    for (const batch of batchesOf(this.#state.identity, due)) {
      await within(SEND_TIMEOUT_MS, this.env.JOURNAL_QUEUE.sendBatch(batch.map((body) => ({ body }))));
    }
  }

  #end(kind: EndKind, amount: number, outcome: ExecutionOutcome): commands.SettleAnswer {
    const state = this.#state;
    const known = this.#store.findReservation(outcome.id);
    if (state === undefined || known === undefined) return { ok: false, code: 'reservation_not_found' };
    const nowMs = this.#now();
    const decision = end(state, known, kind, amount, outcome, SYSTEM, nowMs);
    this.#commit(decision, nowMs);
    if (decision.refusal !== undefined) return decision.refusal as commands.EndRefusal;
    return { ok: true, settled: amount, released: known.amount - amount, view: viewOf(decision.state) };
  }

  #correct(
    kind: 'credit' | 'adjustment',
    command: commands.CreditCommand | commands.AdjustCommand,
  ): commands.CorrectionAnswer {
    const { operation_id, amount, reason, reference, actor } = command;
    const fingerprint = fingerprintOf({ kind, amount, reason, reference, actor });
    const nowMs = this.#now();
    const state = this.#stateFor(command, nowMs);
    const done = this.#store.findOperation(operation_id);
    if (done !== undefined) {
      if (done.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
      return { ok: true, seq: done.seq, view: viewOf(state) };
    }
    const decision = correct(state, kind, command, nowMs);
    this.#commit(
      { ...decision, ...(decision.refusal ? {} : { operation: { id: operation_id, fingerprint } }) },
      nowMs,
    );
    return decision.refusal ?? { ok: true, seq: decision.state.seq, view: viewOf(decision.state) };
  }

  /**
   * Takes one command through: parses it, then decides, writes and answers without an await in between. Commands that come
   * while a commit is on its way to disk wait for it, then run one after the other and share the next commit; a command
   * that comes alone waits for nothing. The platform holds every answer back until its writes are on disk.
   */
  async #run<Schema extends z.ZodType<{ wallet: WalletIdentity }>, Answer>(
    schema: Schema,
    raw: unknown,
    act: (command: z.infer<Schema>) => Answer,
  ): Promise<Answer | commands.CommandRefusal> {
    const parsed = this.#parse(schema, raw);
    if (!parsed.ok) return parsed;
    await this.#commitInFlight;
    const answer = act(parsed.command);
    this.#commitInFlight ??= this.ctx.storage.sync().finally(() => {
      this.#commitInFlight = undefined;
    });
    return answer;
  }

  /** A command that parses and is meant for this wallet. */
  #parse<Schema extends z.ZodType<{ wallet: WalletIdentity }>>(
    schema: Schema,
    raw: unknown,
  ): Parsed<z.infer<Schema>> {
    const parsed = schema.safeParse(raw);
    if (!parsed.success) {
      const aboutAmount = parsed.error.issues.some((issue) => issue.path[0] === 'amount');
      return { ok: false, code: aboutAmount ? 'amount_out_of_range' : 'invalid_command' };
    }
    const { tenant_id, user_id } = parsed.data.wallet;
    const name =
      this.ctx.id.name ??
      (this.#state && `${this.#state.identity.tenant_id}/${this.#state.identity.user_id}`);
    if (name !== undefined && name !== `${tenant_id}/${user_id}`) return { ok: false, code: 'wrong_wallet' };
    return { ok: true, command: parsed.data };
  }

  #stateFor(command: { wallet: WalletIdentity; policy: WalletPolicy }, nowMs: number): WalletState {
    return this.#state ?? newWallet(command.wallet, command.policy, nowMs);
  }

  /** Wallet time: the clock, but never before the newest change (I10). */
  #now(): number {
    return Math.max(Date.now(), this.#state?.at_ms ?? 0);
  }

  /**
   * Writes a change and takes it over. If the write throws, memory is read back so that it never runs ahead of storage.
   */
  #commit(change: Change, nowMs: number): void {
    if (change.state === this.#state && change.entries.length === 0) return;
    try {
      this.ctx.storage.transactionSync(() => this.#store.save(change, nowMs + SEND_DELAY_MS));
      this.#state = change.state;
    } catch (error) {
      this.#state = this.#store.loadState();
      throw error;
    }
    this.#arm();
  }

  /** Sets the alarm for whatever is due first: entries to send, a reservation to end, a month to open. */
  #arm(): void {
    const month = this.#state?.policy.mode === 'monthly' ? endOfPeriodMs(this.#state.period) : null;
    for (const dueMs of [this.#store.earliestSendMs(), this.#store.earliestDeadlineMs(), month])
      if (dueMs !== null) this.#wakeBy(dueMs);
  }

  /** Setting the alarm is a row written, so only when it is earlier than planned. Commits with the writes around it. */
  #wakeBy(dueMs: number): void {
    if (this.#alarmMs !== null && this.#alarmMs <= dueMs) return;
    this.#alarmMs = dueMs;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(dueMs));
  }
}
