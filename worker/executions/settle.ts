import { KEPT_ANSWER_MAX } from '../../contracts/api/executions.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet, PATIENT } from '../wallet-access/wallet-client.ts';
import type { ReservedExecution } from './begin.ts';
import type { FinishedResponse, Settlement } from './settlement.ts';

type Reservation = Pick<ReservedExecution, 'wallet' | 'keeps_answer'>;

/** Returns the response to keep for the Idempotency-Key, or undefined if there is no key or the response is too long. */
function keptResponse({ keeps_answer }: Reservation, response: object | null): string | undefined {
  const text = keeps_answer && response !== null ? JSON.stringify(response) : undefined;
  return text === undefined || text.length > KEPT_ANSWER_MAX ? undefined : text;
}

/** The wallet's codes for a reservation that ended before, in another way. */
const overCodes = new Set([
  'reservation_settled',
  'reservation_released',
  'reservation_expired',
  'reservation_not_found',
  'idempotency_mismatch',
]);

/**
 * Settles or releases the reservation, once, and returns the wallet after it. `unavailable`: the wallet could not be reached for about
 * 5 s; the reservation then expires and nothing is charged. `execution_over`: the reservation ended before, by its deadline or a
 * cancellation.
 */
export async function settleExecution(
  deps: Pick<Dependencies, 'wallets' | 'log'>,
  reservation: Reservation,
  { charge, outcome }: Settlement,
  response: FinishedResponse<object> | null,
): Promise<Result<WalletView, { code: 'unavailable' | 'execution_over' }>> {
  const { wallet } = reservation;
  if (outcome.usage_source === 'clamped')
    deps.log.error('usage_above_reservation', { execution_id: outcome.id, usage: outcome.usage });
  const ended = await callWallet(
    deps,
    wallet,
    (stub) =>
      // Releasing frees the Idempotency-Key for another try.
      outcome.usage === null
        ? stub.release({ wallet, outcome })
        : stub.settle({ wallet, amount: charge, outcome, answer: keptResponse(reservation, response) }),
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
