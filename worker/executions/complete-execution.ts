import type { CreateExecutionResponse } from '../../contracts/api/executions.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import { fail, ok } from '../../contracts/result.ts';
import { createProvider } from '../providers/create-provider.ts';
import { type AttemptsOutcome, runAttempts } from '../providers/failover/attempts.ts';
import { completionBytes } from '../providers/metering/token-bound.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type AttemptedCandidate, failoverPlanOf, Patience } from './attempts.ts';
import type { Begun } from './begin-execution.ts';
import { failureCodeOf, failureOfAttempts, type OrFailure } from './failure.ts';
import { HoldKeeper } from './hold-keeper.ts';
import { keepContents } from './keep-contents.ts';
import { neutralRequestOf } from './plan.ts';
import { settleExecution } from './settle-execution.ts';
import { answerOf, type Ended, leftUnheard, settlementOf } from './settlement.ts';

/** The finished execution, and the warning its wallet gives along with it. */
export type Executed = { execution: CreateExecutionResponse; warning: Wallet['warning'] };

/** How asking the candidates ended. Nothing is settled yet. */
export type Outcome = AttemptsOutcome<AttemptedCandidate>;

/** A client that left without the provider having answered is charged the most the call may have used by then. */
function endedOf({ plan }: Begun, outcome: Outcome): Ended {
  if (outcome.ok) {
    const { candidate, completion, attempts } = outcome;
    return { how: 'answered', candidate, completion, output_bytes: completionBytes(completion), attempts };
  }
  const left = leftUnheard(outcome, plan);
  if (left !== null) return left;
  return { how: 'failed', error_code: failureCodeOf(outcome.reason), attempts: outcome.attempts };
}

/**
 * Asks the candidates in order for an answer in one piece. A client that hangs up does not stop it at once: what the provider bills
 * us for is settled, not guessed, as long as it comes soon.
 */
export async function askForCompletion(
  deps: Dependencies,
  begun: Begun,
  clientGone: AbortSignal,
): Promise<Outcome> {
  const { start, plan } = begun;
  const patience = new Patience();
  const holdKeeper = new HoldKeeper(deps, begun, () => patience.end());
  clientGone.addEventListener('abort', () => patience.clientLeft(), { once: true });
  if (clientGone.aborted) patience.clientLeft();
  return runAttempts({
    ...failoverPlanOf(plan, patience.signal),
    hasLeft: () => patience.hasLeft,
    call: (candidate, timeout_ms, signal) =>
      createProvider({ ...candidate.credential, timeout_ms }).complete(
        neutralRequestOf(plan, candidate),
        signal,
      ),
  })
    .catch(async (bug) => {
      // A bug must not keep the tokens held until the deadline.
      const failed: Ended = { how: 'failed', error_code: 'internal', attempts: [] };
      await settleExecution(deps, begun, settlementOf(start, plan, failed, Date.now()), null);
      throw bug;
    })
    .finally(() => {
      patience.clear();
      holdKeeper.stop();
    });
}

/** Settles what asking came to. */
export async function settleCompletion(
  deps: Dependencies,
  begun: Begun,
  outcome: Outcome,
): OrFailure<Executed> {
  const { start, plan } = begun;
  const ended = endedOf(begun, outcome);
  const settlement = settlementOf(start, plan, ended, Date.now());
  const answer = ended.how === 'failed' ? null : answerOf(begun, settlement, ended.completion);
  const settled = await settleExecution(deps, begun, settlement, answer);
  if (!outcome.ok) return fail(failureOfAttempts(start.id, outcome));
  if (!settled.ok) return fail({ ...settled.failure, execution_id: start.id });
  if (answer === null) throw new Error('What was answered has an answer');
  keepContents(deps, begun, outcome.completion);
  const { available, warning } = settled.value;
  return ok({ execution: { ...answer, balance_after: available }, warning });
}

/** Asks for an answer in one piece, and settles what it cost. */
export const completeExecution = async (
  deps: Dependencies,
  begun: Begun,
  clientGone: AbortSignal,
): OrFailure<Executed> => settleCompletion(deps, begun, await askForCompletion(deps, begun, clientGone));
