import type { CacheHit, ResponseCache } from '../../../contracts/tenants/response-cache.ts';
import type { TaskEvent } from '../../providers/failover/task-stream.ts';
import { chargeOf, worstCaseCharge } from '../../providers/metering/pricing.ts';
import type { Plan, PlannedCandidate } from '../plan.ts';
import type { HeldTotals } from '../settlement.ts';
import type { TaskTypes } from '../task.ts';
import { type WholesaleTerms, wholesaleOf } from '../wholesale.ts';
import { candidateOf, type KeptAnswer } from './kept-answer.ts';

/** A kept answer that a request can get, with what must be held for it. */
export type Hit<T extends TaskTypes> = {
  candidate: PlannedCandidate;
  answer: T['answer'];
  record: CacheHit;
  totals: HeldTotals;
};

/**
 * Returns the charges of a kept answer: the percentage of the price of its usage, and the fee of the tenant where there is one. Null if the
 * usage is more than the request can have. Pure.
 */
function totalsOf(
  { price, input_tokens_bound, input_classes, max_output_tokens, ...candidate }: PlannedCandidate,
  usage: NonNullable<TaskTypes['answer']['usage']>,
  price_percent: number,
  terms: WholesaleTerms,
): HeldTotals | null {
  const { wallet_tokens_per_1000: rates } = price;
  const [whole, part] = [chargeOf(usage, rates), chargeOf(usage, rates, price_percent)];
  const most = worstCaseCharge(input_tokens_bound, max_output_tokens, rates, input_classes);
  if (!whole.ok || !part.ok || (most.ok && whole.value > most.value)) return null;
  // Nothing was bought, so only a fee for each execution is left of the wholesale price.
  return { amount: part.value, wholesale: wholesaleOf(candidate, 0, terms) };
}

/** Returns a kept answer as a hit, or null if its model is no candidate any more or it has another form. Pure. */
export function hitOf<T extends TaskTypes>(
  { task, candidates }: Plan<T>,
  kept: KeptAnswer,
  { price_percent }: ResponseCache,
  terms: WholesaleTerms,
): Hit<T> | null {
  const candidate = candidateOf(candidates, kept);
  const answer = task.cache?.parse(kept.answer) ?? null;
  if (candidate === undefined || answer === null || answer.usage === null) return null;
  const totals = totalsOf(candidate, answer.usage, price_percent, terms);
  return totals === null ? null : { candidate, answer, totals, record: { result: 'hit', price_percent } };
}

/** Streams the events of a kept answer. */
export async function* eventsOfHit<T extends TaskTypes>(
  { task }: Pick<Plan<T>, 'task'>,
  answer: T['answer'],
): AsyncGenerator<TaskEvent<T['piece']>> {
  yield* task.cache?.eventsOf(answer) ?? [];
}
