import type { z } from 'zod';
import type { WalletView } from '../../contracts/api/wallet.ts';
import type { JournalMessage, WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import { AlarmScheduler } from './alarm-scheduler.ts';
import type { CommandRefusal, Refusal, ReserveCommand } from './commands.ts';
import { Outbox } from './outbox.ts';
import { WalletRecords } from './records.ts';
import { bringUpToDate, newWallet } from './rules/allocation.ts';
import { fingerprintOf } from './rules/idempotency.ts';
import type { KeyRecord } from './rules/key-limits.ts';
import type { SeqRange } from './rules/outbox.ts';
import { endOfPeriodMs } from './rules/periods.ts';
import type { RelatedRecords } from './rules/reservations.ts';
import { pruningTimeMs, RETENTION_MS } from './rules/retention.ts';
import type { Change, Reservation, WalletState } from './rules/state.ts';
import { viewOf } from './rules/view.ts';
import { WalletStore } from './store.ts';
import { migrateStore } from './store-migrations.ts';

type Addressed = z.ZodType<{ wallet: WalletIdentity }>;
type Parsed<Command> = { ok: true; command: Command } | (CommandRefusal & { command?: undefined });

/**
 * The alarm rings this long after a change, unless a deadline is nearer. Timers in memory have done the work by then; if the
 * object was stopped, the alarm does it.
 */
const SAFETY_NET_MS = 3_000;

/**
 * Runs a wallet's commands one at a time, and keeps its state in memory and in storage. There is no await between reading
 * the state and writing it, so commands never interleave.
 */
export class CommandProcessor {
  readonly store: WalletStore;
  readonly records: WalletRecords;
  readonly outbox: Outbox;
  readonly alarm: AlarmScheduler;
  readonly #ctx: DurableObjectState;
  /** Called with the state once it is on disk. */
  readonly #onDurable: (state: WalletState) => void;
  /** The time of the next pruning: infinity when there is nothing to prune, 0 when that is not known. */
  pruneAtMs = 0;
  #state: WalletState | undefined;
  /** The newest state passed to {@link #onDurable}. */
  #announced: WalletState | undefined;
  /** Resolves when the changes of the commands that run together are written. Undefined while there are none. */
  #writing: Promise<void> | undefined;
  /** The reason why the commands that wait for {@link #writing} fail. */
  #failure: unknown;
  /** Settles when the latest writes are on disk; undefined when all writes are. */
  #commitInFlight: Promise<void> | undefined;

  /** `queueOf` returns the queue that the journal is sent to. */
  constructor(
    ctx: DurableObjectState,
    { queueOf, onDurable }: { queueOf: () => Queue<JournalMessage>; onDurable: (state: WalletState) => void },
  ) {
    this.#ctx = ctx;
    this.#onDurable = onDurable;
    this.store = new WalletStore(ctx.storage.sql);
    this.records = new WalletRecords(this.store);
    this.outbox = new Outbox(this.store, queueOf);
    this.alarm = new AlarmScheduler(ctx);
  }

  async load(): Promise<void> {
    this.#ctx.storage.transactionSync(() => migrateStore(this.#ctx.storage.sql));
    this.#reload();
    this.#announced = this.#state;
    await this.alarm.load();
    // The platform drops an alarm that keeps failing, so every start sets it again.
    this.scheduleAlarm();
  }

  #reload(): void {
    const nowMs = Date.now();
    const { state, unconfirmed } = this.records.load(nowMs);
    this.#state = state;
    this.outbox.load(state?.identity, unconfirmed, nowMs);
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
    const known = this.records.findReservation(executionId);
    return this.#relatedRecords(known, known?.api_key_id ?? null, known?.idempotency_key ?? null);
  }

  /** The records that belong to a reserve command. */
  recordsForReserve({ execution, idempotency }: ReserveCommand): RelatedRecords {
    const known = this.records.findReservationSince(execution.id, execution.started_at_ms);
    return this.#relatedRecords(known, execution.api_key_id, idempotency?.key ?? null);
  }

  #relatedRecords(
    known: Reservation | undefined,
    apiKeyId: string | null,
    idempotencyKey: string | null,
  ): RelatedRecords {
    return {
      known,
      key: apiKeyId === null ? undefined : this.records.findKey(apiKeyId),
      idempotency:
        idempotencyKey === null ? undefined : this.store.findIdempotency(idempotencyKey, this.now()),
    };
  }

  /** The current time in milliseconds, never before the newest change (I10). */
  now(): number {
    return Math.max(Date.now(), this.#state?.at_ms ?? 0);
  }

  /**
   * Parses a command and passes it to `act`, which decides and answers without an await. Commands that arrive during a commit
   * wait for it, then run one after the other and share one write and the next commit; a single command does not wait. The
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
    if (this.records.isDirty) await this.#written();
    return answer;
  }

  /** Writes the changes of all commands that run before this promise's turn comes. */
  #written(): Promise<void> {
    this.#writing ??= Promise.resolve().then(() => {
      this.#writing = undefined;
      if (this.#failure !== undefined) this.#fail(this.#failure);
      this.write();
    });
    return this.#writing;
  }

  /** Reads memory anew from storage, and makes every command fail whose change may be lost. */
  #fail(error: unknown): never {
    this.#failure = this.#writing === undefined ? undefined : error;
    this.#reload();
    throw error;
  }

  /**
   * Stores what commands have changed, with further rows where `storeMore` writes some, and announces it when it is on disk. If
   * that fails, memory is read anew from storage.
   */
  write(storeMore?: () => void): void {
    const save = () => {
      if (this.records.isDirty) this.records.save(this.#state, this.outbox.unconfirmed());
    };
    try {
      if (storeMore === undefined) save();
      else
        this.#ctx.storage.transactionSync(() => {
          storeMore();
          save();
        });
    } catch (error) {
      this.#fail(error);
    }
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

  /**
   * Makes a change the state in memory. It is written with the changes of the commands that run together; a change with rows
   * beside its segment at once.
   */
  commit(change: Change, nowMs: number, { inBackground = false } = {}): void {
    const { state, entries } = change;
    if (state === this.#state && entries.length === 0) return;
    if (this.records.isAtLimit) this.write();
    this.#add(change, nowMs);
    this.#state = state;
    this.outbox.add(state.identity, entries, inBackground, nowMs);
    if (change.operation ?? change.idempotency ?? change.freed_key)
      this.write(() => this.store.saveBeside(change));
    this.#scheduleFor(change, nowMs);
  }

  /** Sets the alarm for the work that a change brings. */
  #scheduleFor({ entries, reservation, idempotency }: Change, nowMs: number): void {
    const answerKeptUntilMs = idempotency?.expires_at_ms ?? Number.POSITIVE_INFINITY;
    const keptUntilMs = Math.min(nowMs + RETENTION_MS, answerKeptUntilMs);
    this.pruneAtMs = Math.min(this.pruneAtMs, pruningTimeMs(keptUntilMs));
    const deadlineMs = reservation?.state === 'held' ? reservation.expires_at_ms : Number.POSITIVE_INFINITY;
    if (entries.length === 0 && reservation === undefined) this.scheduleAlarm();
    else this.alarm.scheduleBy(Math.min(deadlineMs, nowMs + SAFETY_NET_MS));
  }

  /** Stores the record of an API key. */
  commitKey(key: KeyRecord, nowMs: number): void {
    this.#add({ key }, nowMs);
  }

  /** Adds a change to the records. That may store others, so it can fail like a write. */
  #add(change: Partial<Change>, nowMs: number): void {
    try {
      this.records.add(change, this.#state, nowMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends the stored entries of a range again, confirmed or not. Returns their number. */
  resend(range: SeqRange): number {
    const resent = this.outbox.requeue(range, this.#state?.seq ?? 0, this.now());
    if (resent > 0) this.records.touch();
    this.scheduleAlarm();
    return resent;
  }

  /** Sets the alarm for the earliest due work: a reservation to expire, entries that a timer should have sent, a month to open. */
  scheduleAlarm(): void {
    const state = this.#state;
    // Leftover monthly tokens expire with their month in lifetime mode too.
    const hasMonth = state !== undefined && (state.policy.mode === 'monthly' || state.monthly > 0);
    const month = hasMonth && state.seq > 0 ? endOfPeriodMs(state.period) : null;
    const unconfirmed = this.outbox.isEmpty ? null : Math.max(this.outbox.dueMs, this.now() + SAFETY_NET_MS);
    const pruning = this.pruneAtMs > 0 && this.pruneAtMs < Number.POSITIVE_INFINITY ? this.pruneAtMs : null;
    const leaseEnd = state?.lease?.ends_at_ms ?? null;
    const toTell = state?.lease_ends === undefined ? null : this.now() + SAFETY_NET_MS;
    for (const dueMs of [unconfirmed, this.records.earliestDeadlineMs(), month, pruning, leaseEnd, toTell])
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
