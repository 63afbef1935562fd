import type { Usage } from '../../contracts/usage.ts';
import type { WholesaleHold } from '../../contracts/wallet/budget-terms.ts';
import type { ExecutionStart } from '../../contracts/wallet/journal.ts';
import type { ExtendCommand } from '../../durable-objects/wallet/commands.ts';
import { isDone, isFailed, type TaskEvent, type TaskStream } from '../providers/failover/task-stream.ts';
import { chargeOfTold, costOfTold } from '../providers/metering/pricing.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import type { ReservedExecution } from './begin.ts';
import { highestLimit } from './fitting.ts';
import { type Plan, type PlannedCandidate, worstCaseOf } from './plan.ts';
import type { HeldTotals } from './settlement.ts';
import type { TaskTypes } from './task.ts';
import { wholesaleBound, wholesaleOf } from './wholesale.ts';

/** The most output tokens that a hold is raised by at once. Each piece is twice the one before it. */
const PIECE_MAX_TOKENS = 8_192;
/** An answer whose hold cannot grow ends this many tokens before the end of what is held, since spoken tokens are estimated. */
const MARGIN_TOKENS = 16;

/** One attempt: its input if the provider told it, its output so far, and what the hold covers. In provider tokens. */
type Said = {
  candidate: PlannedCandidate;
  input: Usage | null;
  spoken: number;
  /** The size of the last piece that was held. */
  piece: number;
  /** True if the last raise did not reach its amount. */
  isRefused: boolean;
  /** True once the hold was lowered, or need not be. */
  isLowered: boolean;
  covered?: { held: number; wholesale: number; input: Usage | null; output: number };
};

/** The holder: an execution in the foreground, or one delivery of an execution in the background. */
type Holder<T extends TaskTypes> = Pick<ReservedExecution, 'wallet' | 'free_tokens'> & {
  start: Pick<ExecutionStart, 'id'>;
  plan: Pick<Plan<T>, 'task' | 'worst_case_tokens' | 'held_output_tokens' | 'max_output_tokens'>;
  /** Absent where no budget of the tenant applies. */
  wholesale?: WholesaleHold | undefined;
};

/** A hold is lowered if that frees at least this part of it, and as much of the tokens that are free already. */
const WORTH_LOWERING = 1 / 4;

/**
 * The hold of a running execution, which is raised ahead of what the provider says. A short answer needs no raise. An answer whose hold
 * cannot be raised ends with `length`, and costs what was said. A hold for much more input than the provider tells is lowered, once,
 * unless there are so many free tokens that nobody needs it.
 */
export class GrowingHold<T extends TaskTypes> {
  readonly #deps: Pick<Dependencies, 'wallets' | 'log'>;
  readonly #execution: Holder<T>;
  readonly #mayLower: boolean;
  /** Never more than the wallet holds. */
  #held: number;
  /** Micro-USD of the tenant's budget that the wallet holds. */
  #wholesale: number;
  /** The call of the wallet that changes the hold. Calls follow each other. */
  #changing: Promise<unknown> | undefined;

  /** `is_live`: once something is said no other candidate can follow, which might count more input. */
  constructor(
    deps: Pick<Dependencies, 'wallets' | 'log'>,
    execution: Holder<T>,
    { is_live }: { is_live: boolean },
  ) {
    this.#deps = deps;
    this.#execution = execution;
    this.#mayLower = is_live;
    this.#held = execution.plan.worst_case_tokens;
    this.#wholesale = execution.wholesale?.held ?? 0;
  }

  /** Raises the hold towards the totals, where it is less. Returns what is held then. */
  async raiseTo({ amount, wholesale }: HeldTotals): Promise<HeldTotals> {
    await this.#changing;
    if (amount > this.#held || wholesale > this.#wholesale) {
      const terms = this.#execution.wholesale?.terms;
      const changed = await this.#extend({
        amount: Math.max(amount, this.#held),
        ...(terms && { wholesale: { amount: wholesale, policy: terms.policy } }),
      });
      this.#held = Math.max(this.#held, changed?.reserved ?? 0);
      this.#wholesale = Math.max(this.#wholesale, changed?.wholesale ?? 0);
    }
    return { amount: this.#held, wholesale: this.#wholesale };
  }

  /** Changes the hold in the wallet. Returns what is held then; null if the wallet did not answer, or refused. */
  async #extend(change: Omit<ExtendCommand, 'wallet' | 'execution_id'>) {
    const { wallet, start } = this.#execution;
    const answer = await callWallet(this.#deps, wallet, (stub) =>
      stub.extend({ wallet, execution_id: start.id, ...change }),
    );
    return answer.ok && answer.value.ok ? answer.value : null;
  }

  /** True if the hold grows with the answer; false if the whole limit is held. */
  get #grows(): boolean {
    const { held_output_tokens, max_output_tokens } = this.#execution.plan;
    return held_output_tokens < max_output_tokens;
  }

  /** Returns the stream with an end where the hold cannot grow any more. The same stream if the hold never changes. */
  guard(candidate: PlannedCandidate, stream: TaskStream<T['piece']>): TaskStream<T['piece']> {
    if (!stream.ok || !(this.#grows || this.#mayLower)) return stream;
    return { ok: true, events: this.#guarded(candidate, stream.events) };
  }

  async *#guarded(
    candidate: PlannedCandidate,
    events: AsyncIterable<TaskEvent<T['piece']>>,
  ): AsyncGenerator<TaskEvent<T['piece']>> {
    const { task, held_output_tokens } = this.#execution.plan;
    const said: Said = {
      ...{ candidate, input: null, spoken: 0, piece: held_output_tokens },
      ...{ isRefused: false, isLowered: !this.#mayLower },
    };
    for await (const event of events) {
      yield event;
      if (isDone(event) || isFailed(event)) return;
      said.input = task.inputTold(event) ?? said.input;
      said.spoken += task.tokensOf(event);
      if (!said.isLowered && task.pieces.isContent(event)) this.#lower(said);
      if (!this.#grows || (await this.#covers(said))) continue;
      yield { type: 'done', finish_reason: 'length', usage: null };
      return;
    }
  }

  /** Begins to raise the hold if little of it is left, and waits for that if almost nothing is. Returns false if it is used up. */
  async #covers(said: Said): Promise<boolean> {
    if (this.#leftOf(said) > said.piece / 2) return true;
    if (this.#changing === undefined && !said.isRefused) this.#raise(said);
    if (this.#leftOf(said) > MARGIN_TOKENS) return true;
    await this.#changing;
    // What others held may be free by now.
    if (said.isRefused) await this.raiseTo(this.#totalsFor(said, said.spoken + said.piece));
    return this.#leftOf(said) > MARGIN_TOKENS;
  }

  /** Begins to raise the hold by the next piece. */
  #raise(said: Said): void {
    said.piece = Math.min(PIECE_MAX_TOKENS, said.piece * 2);
    const wanted = this.#totalsFor(said, said.spoken + said.piece);
    this.#changing = this.raiseTo(wanted).then((held) => {
      said.isRefused = held.amount < wanted.amount || held.wholesale < wanted.wholesale;
      this.#changing = undefined;
    });
  }

  /** Begins to lower the hold to the input that the provider told and the output that is held, if that is worth a call. */
  #lower(said: Said): void {
    const { plan, free_tokens } = this.#execution;
    if (said.input === null) return;
    said.isLowered = true;
    const from = this.#held;
    const { amount } = this.#totalsFor(said, Math.max(plan.held_output_tokens, said.spoken + said.piece));
    if (from - amount < WORTH_LOWERING * Math.max(from, free_tokens) || amount === 0) return;
    // An answer that is lost leaves it open which amount is held: the lower one at least.
    this.#held = amount;
    this.#changing = this.#extend({ amount, lowers_from: from }).then((changed) => {
      this.#held = changed?.reserved ?? amount;
      this.#changing = undefined;
    });
  }

  /** Returns the charges for the input and so much output, within the output limit. */
  #totalsFor({ candidate, input }: Said, output_tokens: number): HeldTotals {
    const output = Math.min(output_tokens, this.#execution.plan.max_output_tokens);
    const terms = this.#execution.wholesale?.terms;
    if (input === null)
      return {
        amount: worstCaseOf([candidate], output) ?? this.#held,
        wholesale: terms === undefined ? 0 : wholesaleBound([candidate], output, terms),
      };
    const { wallet_tokens_per_1000, micro_usd_per_million } = candidate.price;
    const charge = chargeOfTold(input, output, wallet_tokens_per_1000);
    const cost = costOfTold(input, output, micro_usd_per_million);
    return {
      amount: charge.ok ? charge.value : this.#held,
      wholesale: terms && cost.ok ? wholesaleOf(candidate, cost.value, terms) : this.#wholesale,
    };
  }

  /** Returns the output tokens that are held and not spoken yet; infinity once the whole limit is held. */
  #leftOf(said: Said): number {
    const [held, wholesale] = [this.#held, this.#wholesale];
    const isOld = said.covered?.held !== held || said.covered.wholesale !== wholesale;
    if (isOld || said.covered?.input !== said.input) {
      const most = this.#execution.plan.max_output_tokens;
      const isCovered = (output: number) => {
        const totals = this.#totalsFor(said, output);
        return totals.amount <= held && totals.wholesale <= wholesale;
      };
      const output = highestLimit({ least: 0, most }, isCovered) ?? 0;
      said.covered = {
        ...{ held, wholesale, input: said.input },
        output: output < most ? output : Number.POSITIVE_INFINITY,
      };
    }
    return said.covered.output - said.spoken;
  }
}
