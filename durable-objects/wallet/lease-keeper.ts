import type { z } from 'zod';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { LeaseEnd } from '../../contracts/wallet/lease.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import type { LeaseAnswer, TenantWalletRpc } from '../tenant-wallet/commands.ts';
import type { CommandProcessor } from './command-processor.ts';
import type { CommandRefusal, RecallAnswer, RecallCommand, TenantRefusal } from './commands.ts';
import { adoptLease, endLease, unusedOf, withoutEnds } from './rules/leases.ts';
import type { LeaseNeeded } from './rules/reservations.ts';
import type { WalletState } from './rules/state.ts';

/** The answer of a command that may need more of the tenant's budget first. */
export type Leased<Answer> = Answer | LeaseNeeded;

type Wholesale = { amount: number; policy: WalletPolicy };
type CommandSchema = z.ZodType<{ wallet: WalletIdentity; wholesale?: Wholesale | undefined }>;

/** Times that the tenant's wallet is asked when it cannot be reached, and the longest time of one try, in milliseconds. */
const TRIES_MAX = 3;
const TRY_MAX_MS = 5_000;

/** Times that a command asks for a lease. */
const ROUNDS_MAX = 5;
/** Ended leases told with one call. */
const ENDS_MAX = 100;

const tenantRefusals = new Set<string>(['tenant_budget', 'tenant_suspended', 'tenant_unreachable']);

/** True for a refusal that comes from the tenant's wallet. */
export const isTenantRefusal = (answer: { code: string }): answer is TenantRefusal =>
  tenantRefusals.has(answer.code);

/** Rejects when `call` takes too long. Its late result is ignored. */
async function withDeadline<Answer>(call: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${TRY_MAX_MS} ms`)), TRY_MAX_MS);
  try {
    return await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keeps a wallet's lease of the tenant's budget. While the lease covers what executions can cost, the tenant's wallet is not asked.
 * Requests for more go one after the other, so that one answer serves many.
 */
export class LeaseKeeper {
  readonly #processor: CommandProcessor;
  readonly #tenantWalletOf: (tenantId: string) => TenantWalletRpc;
  /** Settles when the last of the commands that wait for credit has run. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Micro-USD that the waiting commands need together. */
  #waiting = 0;
  /** The lease that is being asked for. */
  #asked: string | undefined;

  constructor(processor: CommandProcessor, tenantWalletOf: (tenantId: string) => TenantWalletRpc) {
    this.#processor = processor;
    this.#tenantWalletOf = tenantWalletOf;
  }

  /**
   * Runs a command like {@link CommandProcessor.run}, and gets more of the tenant's budget first if it needs more. Then `free` is what is
   * left of a hard budget, in micro-USD; otherwise null.
   */
  async run<Schema extends CommandSchema, Answer>(
    schema: Schema,
    raw: z.input<Schema>,
    act: (command: z.infer<Schema>, free: number | null) => Leased<Answer>,
  ): Promise<Answer | CommandRefusal | TenantRefusal> {
    const first = await this.#processor.run(schema, raw, (command) => act(command, null));
    if (!isNeed(first)) return first;
    const { amount } = first;
    this.#waiting += amount;
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const before = this.#queue;
    this.#queue = done;
    await before;
    try {
      return await this.#runWithLease(schema, raw, act, resolve, amount);
    } finally {
      resolve();
    }
  }

  /** Runs the command, with a new lease if the present one does not cover it. `onActed` lets the next one go on. */
  async #runWithLease<Schema extends CommandSchema, Answer>(
    schema: Schema,
    raw: z.input<Schema>,
    act: (command: z.infer<Schema>, free: number | null) => Leased<Answer>,
    onActed: () => void,
    waited: number,
  ): Promise<Answer | CommandRefusal | TenantRefusal> {
    const attempt = (prepare: () => void, free: number | null) =>
      this.#processor.run(schema, raw, (command) => {
        prepare();
        const answer = act(command, free);
        if (!isNeed(answer)) onActed();
        return answer;
      });
    let answer = await attempt(() => {}, null);
    this.#waiting -= waited;
    for (let round = 1; isNeed(answer); round += 1) {
      // A lease can be recalled at the moment it arrives.
      if (round > ROUNDS_MAX) return { ok: false, code: 'tenant_unreachable' };
      const { wallet, wholesale } = schema.parse(raw);
      if (wholesale === undefined) throw new Error('A command without wholesale needs no lease');
      const granted = await this.#ask(wallet, wholesale.policy, answer.amount);
      if (!granted.ok) return granted;
      answer = await attempt(granted.adopt, granted.free);
    }
    return answer;
  }

  /** Asks the tenant's wallet for `needed` micro-USD more, and for a share that grows with use. */
  async #ask(
    wallet: WalletIdentity,
    policy: WalletPolicy,
    needed: number,
  ): Promise<{ ok: true; adopt: () => void; free: number | null } | TenantRefusal | CommandRefusal> {
    const state = this.#renewed(wallet, policy);
    // What the tenant's wallet is told must be on disk before.
    if (this.#processor.records.isDirty) this.#processor.write();
    const { id, spent, held } = state.lease ?? { id: crypto.randomUUID(), spent: 0, held: 0 };
    const ends = (state.lease_ends ?? []).slice(0, ENDS_MAX);
    const least = spent + held + needed;
    this.#asked = id;
    const answer = await this.#call(wallet, (stub) =>
      stub.lease({
        wallet: tenantWalletOf(wallet),
        policy,
        lease_id: id,
        user_id: wallet.user_id,
        least,
        // Twice what was spent on this lease so far, and what the commands behind this one need.
        amount: least + spent + this.#waiting,
        ends,
      }),
    ).finally(() => {
      this.#asked = undefined;
    });
    if (answer === undefined) return { ok: false, code: 'tenant_unreachable' };
    if (answer.ok) return { ok: true, adopt: () => this.#adopt({ id, ...answer }, ends), free: answer.free };
    // The tenant's wallet has begun another month, or has ended the lease: the next round asks for another one.
    if (answer.code === 'lease_ended') return { ok: true, adopt: () => this.#endIfCurrent(id), free: null };
    return refusalOf(answer, state);
  }

  /** Ends the lease if it is over, and returns the state. A wallet without a state gets one. */
  #renewed(wallet: WalletIdentity, policy: WalletPolicy): WalletState {
    const nowMs = this.#processor.now();
    const state = this.#processor.stateFor({ wallet, policy }, nowMs);
    const { lease } = state;
    const isOver = lease !== undefined && (lease.period !== state.period || lease.ends_at_ms <= nowMs);
    return isOver ? this.#end(state, nowMs) : state;
  }

  #end(state: WalletState, nowMs: number, freezes = false): WalletState {
    const ended = endLease(state, crypto.randomUUID(), { freezes });
    this.#processor.commit({ state: ended, entries: [] }, nowMs);
    return ended;
  }

  #endIfCurrent(id: string): void {
    const { state } = this.#processor;
    if (state?.lease?.id === id) this.#end(state, this.#processor.now());
  }

  #adopt(granted: { id: string; amount: number; ends_at_ms: number }, ends: LeaseEnd[]): void {
    const { state } = this.#processor;
    if (state === undefined) throw new Error('A wallet that leases has a state');
    const adopted = adoptLease(state, granted, ends);
    this.#processor.commit({ state: adopted, entries: [] }, this.#processor.now());
  }

  /** Gives back what is not needed of a lease, or tells what was spent. Called inside a command. */
  recall({ lease_id, mode }: RecallCommand): RecallAnswer {
    const { state } = this.#processor;
    const ends = state?.lease_ends ?? [];
    const lease = state?.lease;
    const spent = lease?.id === lease_id ? lease.spent : 0;
    if (mode === 'reports') return { ok: true, busy: false, spent, ends: [] };
    // What is being asked for arrives in a moment, and is needed.
    if (this.#asked === lease_id && mode !== 'freezes') return { ok: true, busy: true, spent, ends };
    if (state !== undefined && lease?.id === lease_id) {
      const ended = this.#end(state, this.#processor.now(), mode === 'freezes');
      return { ok: true, busy: false, spent, ends: ended.lease_ends ?? [] };
    }
    const isKnown = this.#asked === lease_id || ends.some((end) => end.lease_id === lease_id);
    // Nothing can have been spent from a lease that never arrived.
    const lost = isKnown ? [] : [{ lease_id, spent: 0, successor: null }];
    return { ok: true, busy: this.#asked === lease_id, spent, ends: [...ends, ...lost] };
  }

  /** Ends a lease that is over, and tells the tenant's wallet of ended leases. */
  async tend(nowMs: number): Promise<void> {
    const { state } = this.#processor;
    if (state === undefined) return;
    if (state.lease !== undefined && state.lease.ends_at_ms <= nowMs) {
      this.#end(state, nowMs);
      this.#processor.write();
    }
    const ends = this.#processor.state?.lease_ends?.slice(0, ENDS_MAX);
    if (ends === undefined) return;
    const { identity } = state;
    const answer = await this.#call(identity, (stub) =>
      stub.endLeases({ wallet: tenantWalletOf(identity), ends }),
    );
    const told = this.#processor.state;
    if (answer?.ok !== true || told === undefined)
      throw new Error('The tenant wallet did not take the ends of leases');
    this.#processor.commit({ state: withoutEnds(told, ends), entries: [] }, this.#processor.now());
    this.#processor.write();
  }

  /** Calls the tenant's wallet. Undefined when it cannot be reached. Every command to it is idempotent. */
  async #call<Answer>(
    { tenant_id }: WalletIdentity,
    call: (stub: TenantWalletRpc) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await withDeadline(call(this.#tenantWalletOf(tenant_id)));
      } catch (error) {
        console.error(
          JSON.stringify({ level: 'warn', event: 'tenant_wallet_call_failed', error: String(error) }),
        );
        if (attempt === TRIES_MAX) return undefined;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100 * 2 ** attempt));
      }
    }
  }
}

const isNeed = (answer: unknown): answer is LeaseNeeded =>
  typeof answer === 'object' && answer !== null && 'code' in answer && answer.code === 'lease_needed';

/** The tenant's wallet: its user is the tenant. */
const tenantWalletOf = ({ tenant_id }: WalletIdentity): WalletIdentity => ({ tenant_id, user_id: tenant_id });

/** Returns the refusal of a command that the tenant's budget does not cover. `state` has the wallet's lease of it. */
function refusalOf(
  answer: Exclude<LeaseAnswer, { ok: true } | { code: 'lease_ended' }>,
  state: WalletState,
): TenantRefusal | CommandRefusal {
  if (answer.code !== 'insufficient_balance') return answer;
  const { available, reserved } = answer;
  const covered = available + unusedOf(state);
  // What this wallet has spent of its lease is not there any more.
  const covered_alone = Math.max(covered, available + reserved - (state.lease?.spent ?? 0));
  return { ok: false, code: 'tenant_budget', covered, covered_alone };
}
