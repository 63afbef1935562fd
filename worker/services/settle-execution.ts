import { KEPT_ANSWER_MAX } from '../../contracts/api/executions.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { Begun } from './begin-execution.ts';
import type { Dependencies } from './dependencies.ts';
import type { Answer, Settlement } from './execution-outcome.ts';
import { callWallet, PATIENT } from './wallet-client.ts';

/** What is kept for the Idempotency-Key, unless it is too long to keep. */
function keptAnswer({ keeps_answer }: Begun, answer: Answer | null): string | undefined {
  const text = keeps_answer && answer !== null ? JSON.stringify(answer) : undefined;
  return text === undefined || text.length > KEPT_ANSWER_MAX ? undefined : text;
}

/**
 * Ends the reservation, once: charged for what was used, or released. Tells the wallet after it. When the wallet cannot be
 * reached for all its patience, the reservation's deadline gives the tokens back and nobody is charged.
 */
export async function settleExecution(
  deps: Dependencies,
  begun: Begun,
  { charge, outcome, clamped }: Settlement,
  answer: Answer | null,
): Promise<Result<Wallet, { code: 'unavailable' }>> {
  const { wallet } = begun;
  if (clamped) deps.log.error('usage_above_reservation', { execution_id: outcome.id, usage: outcome.usage });
  const ended = await callWallet(
    deps,
    wallet,
    (stub) =>
      outcome.status === 'failed'
        ? stub.release({ wallet, outcome })
        : stub.settle({ wallet, amount: charge, outcome, answer: keptAnswer(begun, answer) }),
    PATIENT,
  );
  if (!ended.ok) {
    deps.log.error('settlement_failed', { execution_id: outcome.id, wallet, charge });
    return ended;
  }
  if (!ended.value.ok) throw new Error(`The wallet did not settle ${outcome.id}: ${ended.value.code}`);
  const { thresholds_crossed, view } = ended.value;
  if (thresholds_crossed.length > 0)
    deps.log.warn('wallet_threshold_crossed', { execution_id: outcome.id, wallet, thresholds_crossed });
  return ok(view);
}
