import { KEPT_ANSWER_MAX } from '../../contracts/api/executions.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet, PATIENT } from '../wallet-access/wallet-client.ts';
import type { Begun } from './begin-execution.ts';
import type { Answer, Settlement } from './settlement.ts';

type Held = Pick<Begun, 'wallet' | 'keeps_answer'>;

/** What is kept for the Idempotency-Key, unless it is too long to keep. */
function keptAnswer({ keeps_answer }: Held, answer: Answer | null): string | undefined {
  const text = keeps_answer && answer !== null ? JSON.stringify(answer) : undefined;
  return text === undefined || text.length > KEPT_ANSWER_MAX ? undefined : text;
}

/** How the wallet says that the reservation ended before, and otherwise. */
const overCodes = new Set([
  'reservation_settled',
  'reservation_released',
  'reservation_expired',
  'reservation_not_found',
  'idempotency_mismatch',
]);

/**
 * Ends the reservation, once: charged for what was used, or released. Tells the wallet after it. When the wallet cannot be
 * reached for all its patience, the reservation's deadline gives the tokens back and nobody is charged. `execution_over` when it
 * ended in another way before: its deadline came, or it was cancelled.
 */
export async function settleExecution(
  deps: Pick<Dependencies, 'wallets' | 'log'>,
  begun: Held,
  { charge, outcome }: Settlement,
  answer: Answer | null,
): Promise<Result<Wallet, { code: 'unavailable' | 'execution_over' }>> {
  const { wallet } = begun;
  if (outcome.usage_source === 'clamped')
    deps.log.error('usage_above_reservation', { execution_id: outcome.id, usage: outcome.usage });
  const ended = await callWallet(
    deps,
    wallet,
    (stub) =>
      // What used nothing is given back whole, and its Idempotency-Key may be tried again.
      outcome.usage === null
        ? stub.release({ wallet, outcome })
        : stub.settle({ wallet, amount: charge, outcome, answer: keptAnswer(begun, answer) }),
    PATIENT,
  );
  if (!ended.ok) {
    deps.log.error('settlement_failed', { execution_id: outcome.id, wallet, charge });
    return ended;
  }
  if (!ended.value.ok) {
    if (!overCodes.has(ended.value.code))
      throw new Error(`The wallet did not settle ${outcome.id}: ${ended.value.code}`);
    deps.log.warn('execution_over', { execution_id: outcome.id, wallet, reason: ended.value.code });
    return fail({ code: 'execution_over' });
  }
  const { thresholds_crossed, view } = ended.value;
  if (thresholds_crossed.length > 0)
    deps.log.warn('wallet_threshold_crossed', { execution_id: outcome.id, wallet, thresholds_crossed });
  return ok(view);
}
