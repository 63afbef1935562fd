import type { z } from 'zod';
import type { WalletView } from '../../contracts/api/wallet.ts';
import type { WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { AlarmScheduler } from './alarm-scheduler.ts';
import type { CommandRefusal, Refusal, ReserveCommand } from './commands.ts';
import { bringUpToDate, newWallet } from './rules/allocation.ts';
import { fingerprintOf } from './rules/idempotency.ts';
import { SEND_DELAY_MS } from './rules/outbox.ts';
import { endOfPeriodMs } from './rules/periods.ts';
import type { RelatedRecords } from './rules/reservations.ts';
import type { Change, Reservation, WalletState } from './rules/state.ts';
import { viewOf } from './rules/view.ts';
import { WalletStore } from './store.ts';

type Addressed = z.ZodType<{ wallet: WalletIdentity }>;
type Parsed<Command> = { ok: true; command: Command } | (CommandRefusal & { command?: undefined });

/**
 * Runs a wallet's commands one at a time, and keeps its state in memory and in storage. There is no await between reading
 * the state and writing it, so commands never interleave.
 */
export class CommandProcessor {
  readonly store: WalletStore;
  readonly alarm: AlarmScheduler;
  readonly #ctx: DurableObjectState;
  /** Called with the state once it is on disk. */
  readonly #onDurable: (state: WalletState) => void;
  #state: WalletState | undefined;
  /** The newest state passed to {@link #onDurable}. */
  #announced: WalletState | undefined;
  /** Settles when the latest writes are on disk; undefined when all writes are. */
  #commitInFlight: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, onDurable: (state: WalletState) => void) {
    this.#ctx = ctx;
    this.#onDurable = onDurable;
    this.store = new WalletStore(ctx.storage.sql);
    this.alarm = new AlarmScheduler(ctx);
  }

  async load(): Promise<void> {
    this.#ctx.storage.transactionSync(() => this.store.migrate());
    this.#state = this.store.loadState();
    this.#announced = this.#state;
    await this.alarm.load();
    // The platform drops an alarm that keeps failing, so every start sets it again.
    this.scheduleAlarm();
  }

  /** The committed state; undefined before the first command that writes one. */
  get state(): WalletState | undefined {
    return this.#state;
  }

  /** The committed state, or that of a new wallet. */
  stateFor({ wallet, policy }: { wallet: WalletIdentity; policy: WalletPolicy }, nowMs: number): WalletState {
    return this.#state ?? newWallet(wallet, policy, nowMs);
  }

  /** The records that belong to a reserved execution. */
  recordsOfExecution(executionId: string): RelatedRecords {
    const known = this.store.findReservation(executionId);
    return this.#relatedRecords(known, known?.api_key_id ?? null, known?.idempotency_key ?? null);
  }

  /** The records that belong to a reserve command. */
  recordsForReserve({ execution, idempotency }: ReserveCommand): RelatedRecords {
    const known = this.store.findReservation(execution.id);
    return this.#relatedRecords(known, execution.api_key_id, idempotency?.key ?? null);
  }

  #relatedRecords(
    known: Reservation | undefined,
    apiKeyId: string | null,
    idempotencyKey: string | null,
  ): RelatedRecords {
    return {
      known,
      key: apiKeyId === null ? undefined : this.store.findKey(apiKeyId),
      idempotency:
        idempotencyKey === null ? undefined : this.store.findIdempotency(idempotencyKey, this.now()),
    };
  }

  /** The current time in milliseconds, never before the newest change (I10). */
  now(): number {
    return Math.max(Date.now(), this.#state?.at_ms ?? 0);
  }

  /**
   * Parses a command and passes it to `act`, which decides, writes and answers without an await. Commands that arrive during a
   * commit wait for it, then run one after the other and share the next commit; a single command does not wait. The
   * platform holds every answer back until its writes are on disk. Refuses a command that does not parse or that names
   * another wallet.
   */
  async run<Schema extends Addressed, Answer>(
    schema: Schema,
    raw: unknown,
    act: (command: z.infer<Schema>) => Answer,
  ): Promise<Answer | CommandRefusal> {
    const parsed = this.#parse(schema, raw);
    if (!parsed.ok) return parsed;
    await this.#commitInFlight;
    const answer = act(parsed.command);
    this.flush();
    return answer;
  }

  /** Waits for the writes to reach the disk, then announces the new state. */
  flush(): void {
    this.#commitInFlight ??= this.#ctx.storage
      .sync()
      .finally(() => {
        this.#commitInFlight = undefined;
      })
      .then(() => this.#announce());
  }

  /** Passes on the newest durable state. An exception there must not fail the commands that wait for the commit. */
  #announce(): void {
    if (this.#state === undefined || this.#state === this.#announced) return;
    this.#announced = this.#state;
    try {
      this.#onDurable(this.#state);
    } catch (error) {
      console.error(
        JSON.stringify({ level: 'error', event: 'wallet_announcement_failed', error: String(error) }),
      );
    }
  }

  /** Runs an operation once per `operation_id`. A repetition gets the first answer; with another `meaning` it is refused. */
  runOnce<Failure extends { ok: false }>(
    command: { wallet: WalletIdentity; policy: WalletPolicy; operation_id: string },
    meaning: unknown,
    decide: (state: WalletState, nowMs: number) => Change & { refusal?: Failure },
  ): { ok: true; seq: number; view: WalletView } | Failure | Refusal<'idempotency_mismatch'> {
    const fingerprint = fingerprintOf(meaning);
    const nowMs = this.now();
    const state = this.stateFor(command, nowMs);
    const done = this.store.findOperation(command.operation_id);
    if (done !== undefined) {
      if (done.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
      return { ok: true, seq: done.seq, view: viewOf(state) };
    }
    const { refusal, ...change } = decide(state, nowMs);
    const operation = { id: command.operation_id, fingerprint };
    this.commit(refusal === undefined ? { ...change, operation } : change, nowMs);
    return refusal ?? { ok: true, seq: change.state.seq, view: viewOf(change.state) };
  }

  /** Brings the wallet up to now and to the command's policy, commits, and returns the state. Opens a new wallet. */
  currentState(command: { wallet: WalletIdentity; policy: WalletPolicy }): WalletState {
    const nowMs = this.now();
    const change = bringUpToDate(this.stateFor(command, nowMs), command.policy, nowMs);
    this.commit(change, nowMs);
    return change.state;
  }

  /** Stores a change, then makes it the state in memory. If the write throws, memory is reloaded so that it never runs ahead of storage. */
  commit(change: Change, nowMs: number): void {
    if (change.state === this.#state && change.entries.length === 0) return;
    try {
      this.#ctx.storage.transactionSync(() => this.store.save(change, nowMs + SEND_DELAY_MS));
      this.#state = change.state;
    } catch (error) {
      this.#state = this.store.loadState();
      throw error;
    }
    this.scheduleAlarm();
  }

  /** Sets the alarm for the earliest due work: entries to send, a reservation to expire, a month to open. */
  scheduleAlarm(): void {
    const state = this.#state;
    // Leftover monthly tokens expire with their month in lifetime mode too.
    const hasMonth = state !== undefined && (state.policy.mode === 'monthly' || state.monthly > 0);
    const month = hasMonth && state.seq > 0 ? endOfPeriodMs(state.period) : null;
    for (const dueMs of [this.store.earliestSendMs(), this.store.earliestDeadlineMs(), month])
      if (dueMs !== null) this.alarm.scheduleBy(dueMs);
  }

  /** Parses a command and checks that it names this wallet. */
  #parse<Schema extends Addressed>(schema: Schema, raw: unknown): Parsed<z.infer<Schema>> {
    const parsed = schema.safeParse(raw);
    if (!parsed.success) {
      const aboutAmount = parsed.error.issues.some((issue) => issue.path[0] === 'amount');
      return { ok: false, code: aboutAmount ? 'amount_out_of_range' : 'invalid_command' };
    }
    const nameOf = ({ tenant_id, user_id }: WalletIdentity) => `${tenant_id}/${user_id}`;
    const name = this.#ctx.id.name ?? (this.#state && nameOf(this.#state.identity));
    if (name !== undefined && name !== nameOf(parsed.data.wallet)) return { ok: false, code: 'wrong_wallet' };
    return { ok: true, command: parsed.data };
  }
}
