import type { z } from 'zod';
import type { WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { AlarmClock } from './alarm-clock.ts';
import { bringUpToDate, newWallet } from './allocation.ts';
import type { CommandRefusal, ReserveCommand } from './commands.ts';
import { SEND_DELAY_MS } from './outbox.ts';
import { endOfPeriodMs } from './periods.ts';
import type { Facts } from './rules.ts';
import type { Change, Reservation, WalletState } from './state.ts';
import { WalletStore } from './store.ts';

type Addressed = z.ZodType<{ wallet: WalletIdentity }>;
type Parsed<Command> = { ok: true; command: Command } | (CommandRefusal & { command?: undefined });

/**
 * Keeps one wallet's state, in memory and in storage, and lets commands at it one after the other. Nothing awaits between
 * reading the state and writing it, so commands never interleave.
 */
export class WalletKeeper {
  readonly store: WalletStore;
  readonly clock: AlarmClock;
  readonly #ctx: DurableObjectState;
  /** Called with the state once it is on disk. */
  readonly #onDurable: (state: WalletState) => void;
  #state: WalletState | undefined;
  /** The newest state that {@link #onDurable} heard of. */
  #announced: WalletState | undefined;
  /** Settles when what was written last is on disk; undefined when everything is. */
  #commitInFlight: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, onDurable: (state: WalletState) => void) {
    this.#ctx = ctx;
    this.#onDurable = onDurable;
    this.store = new WalletStore(ctx.storage.sql);
    this.clock = new AlarmClock(ctx);
  }

  async load(): Promise<void> {
    this.#ctx.storage.transactionSync(() => this.store.migrate());
    this.#state = this.store.loadState();
    this.#announced = this.#state;
    await this.clock.load();
    // The platform gives up an alarm that keeps failing: whatever is due, an object that wakes sees to it.
    this.arm();
  }

  /** Undefined for as long as nobody has used the wallet and nothing was said about it. */
  get state(): WalletState | undefined {
    return this.#state;
  }

  stateFor({ wallet, policy }: { wallet: WalletIdentity; policy: WalletPolicy }, nowMs: number): WalletState {
    return this.#state ?? newWallet(wallet, policy, nowMs);
  }

  /** What rules ask about an execution that has begun. */
  factsOf(executionId: string): Facts {
    const known = this.store.findReservation(executionId);
    return this.#facts(known, known?.api_key_id ?? null, known?.idempotency_key ?? null);
  }

  /** What rules ask about an execution that is to begin. */
  factsFor({ execution, idempotency }: ReserveCommand): Facts {
    const known = this.store.findReservation(execution.id);
    return this.#facts(known, execution.api_key_id, idempotency?.key ?? null);
  }

  #facts(known: Reservation | undefined, apiKeyId: string | null, idempotencyKey: string | null): Facts {
    return {
      known,
      key: apiKeyId === null ? undefined : this.store.findKey(apiKeyId),
      idempotency:
        idempotencyKey === null ? undefined : this.store.findIdempotency(idempotencyKey, this.now()),
    };
  }

  /** Wallet time: the clock, but never before the newest change (I10). */
  now(): number {
    return Math.max(Date.now(), this.#state?.at_ms ?? 0);
  }

  /**
   * Takes one command through: parses it, then decides, writes and answers without an await in between. Commands that come
   * while a commit is on its way to disk wait for it, then run one after the other and share the next commit; a command
   * that comes alone waits for nothing. The platform holds every answer back until its writes are on disk.
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

  /** Sees what was written to disk, and then says so. */
  flush(): void {
    this.#commitInFlight ??= this.#ctx.storage
      .sync()
      .finally(() => {
        this.#commitInFlight = undefined;
      })
      .then(() => this.#announce());
  }

  /** Tells the newest durable state. Whoever is told cannot make the commands fail that wait for the commit. */
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

  /** Brings the wallet up to date for whoever looks at it, opening it when it is new. */
  upToDate(command: { wallet: WalletIdentity; policy: WalletPolicy }): WalletState {
    const nowMs = this.now();
    const change = bringUpToDate(this.stateFor(command, nowMs), command.policy, nowMs);
    this.commit(change, nowMs);
    return change.state;
  }

  /** Writes a change and takes it over. If the write throws, memory is read back so that it never runs ahead of storage. */
  commit(change: Change, nowMs: number): void {
    if (change.state === this.#state && change.entries.length === 0) return;
    try {
      this.#ctx.storage.transactionSync(() => this.store.save(change, nowMs + SEND_DELAY_MS));
      this.#state = change.state;
    } catch (error) {
      this.#state = this.store.loadState();
      throw error;
    }
    this.arm();
  }

  /** Sets the alarm for whatever is due first: entries to send, a reservation to end, a month to open. */
  arm(): void {
    const state = this.#state;
    // What is left of monthly tokens ends with its month in lifetime mode too.
    const hasMonth = state !== undefined && (state.policy.mode === 'monthly' || state.monthly > 0);
    const month = hasMonth && state.seq > 0 ? endOfPeriodMs(state.period) : null;
    for (const dueMs of [this.store.earliestSendMs(), this.store.earliestDeadlineMs(), month])
      if (dueMs !== null) this.clock.wakeBy(dueMs);
  }

  /** A command that parses and is meant for this wallet. */
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
