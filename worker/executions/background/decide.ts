import type { KeptOutput } from '../../../contracts/execution-job.ts';
import type { Result } from '../../../contracts/result.ts';
import type { Attempt } from '../../../contracts/usage.ts';
import {
  type Contents,
  type ContentsKey,
  loadContents,
  replaceOutput,
} from '../../db/executions/contents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { restoreChat } from '../chat-task.ts';
import { settleExecution } from '../settle.ts';
import { finishedOf, type Settlement, settlementOf } from '../settlement.ts';

/** The dependencies that ending an execution in the background needs. */
export type DecidingDependencies = Pick<Dependencies, 'database' | 'wallets' | 'log'>;

/** Most attempts that the ledger records of an execution (contracts/wallet/journal.ts). */
export const ATTEMPTS_KEPT_MAX = 10;

/**
 * Returns the end of an execution, given its known attempts: two deliveries at once can each know an attempt. `is_cancelled`: its user
 * has cancelled it during an attempt.
 */
export type Decision = (
  attempts: Attempt[],
  is_cancelled: boolean,
) => Pick<KeptOutput, 'answer'> & { settlement: Settlement };

/** Returns the attempts of both, in the order in which they were made. Pure. */
export const mergeAttempts = (known: Attempt[], more: Attempt[]): Attempt[] =>
  [...known, ...more].sort((a, b) => a.started_at_ms - b.started_at_ms).slice(-ATTEMPTS_KEPT_MAX);

/** Returns a settlement as that of a cancelled execution: with its charge, and without an answer. */
export const cancelledOf = ({ charge, outcome }: Settlement, error_code = 'cancelled'): Settlement => ({
  charge,
  outcome: { ...outcome, status: 'cancelled', finish_reason: null, error_code },
});

/** Returns the decision to end an execution without a charge. One that was cancelled meanwhile ends as cancelled. */
export const endUnused =
  (id: string, status: 'failed' | 'cancelled', error_code: string): Decision =>
  (attempts, is_cancelled) => {
    const none = { worst_case_tokens: 0, max_output_tokens: 0 };
    const settlement = settlementOf({ id }, none, { how: 'failed', error_code, attempts }, Date.now());
    const isCancelled = is_cancelled || status === 'cancelled';
    const code = is_cancelled ? 'cancelled' : error_code;
    return { settlement: isCancelled ? cancelledOf(settlement, code) : settlement, answer: null };
  };

/**
 * Changes the stored state of an execution on top of concurrent changes, unless its end is decided. Returns the state after it, or null
 * if its user deleted it.
 */
export async function revise(
  { database }: Pick<Dependencies, 'database'>,
  key: ContentsKey,
  contents: Contents,
  change: (output: KeptOutput) => KeptOutput,
): Promise<Contents | null> {
  let current: Contents | null = contents;
  while (current !== null && current.output.settlement === null) {
    const written = await replaceOutput(database, key, current, change(current.output));
    if (written !== null) return written;
    current = await loadContents(database, key);
  }
  return current;
}

/** Returns the state with its end. */
export function decidedBy(output: KeptOutput, decision: Decision): KeptOutput {
  const { settlement, answer } = decision(output.attempts, output.cancelled_at_ms !== undefined);
  return { ...output, attempts: settlement.outcome.attempts, settlement, answer };
}

/** Stores the end of an execution, unless it is decided: the first to write the row decides. */
const decide = (deps: DecidingDependencies, key: ContentsKey, contents: Contents, decision: Decision) =>
  revise(deps, key, contents, (output) => decidedBy(output, decision));

type Settled = Result<unknown, { code: 'unavailable' | 'execution_over' }>;

/**
 * Settles the decided end in the wallet. Idempotent. If the reservation expired before, the execution has not been paid for: its answer
 * is deleted.
 */
export async function settleDecided(
  deps: DecidingDependencies,
  key: ContentsKey,
  contents: Contents,
): Promise<Settled> {
  const { background, settlement, answer } = contents.output;
  if (background === null || settlement === null)
    throw new Error('No end was decided for an execution in the background');
  const { start, worst_case_tokens, fitted, shortfall, keeps_answer } = background;
  const { tenant_id, user_id } = key;
  const plan = { worst_case_tokens, fitted, max_output_tokens: start.max_output_tokens };
  const response =
    answer === null
      ? null
      : finishedOf(
          { start, plan, shortfall, user_id },
          settlement,
          restoreChat(start, contents.input).storage.outputOf(answer),
        );
  const settled = await settleExecution(
    deps,
    { wallet: { tenant_id, user_id }, keeps_answer },
    settlement,
    response,
  );
  if (!settled.ok && settled.failure.code === 'execution_over' && answer !== null)
    await replaceOutput(deps.database, key, contents, { ...contents.output, answer: null });
  return settled;
}

/** Ends an execution in the background, or settles the end that was decided before. */
export async function endBackground(
  deps: DecidingDependencies,
  key: ContentsKey,
  contents: Contents,
  decision: Decision,
): Promise<Settled & { decided?: Contents }> {
  const decided = await decide(deps, key, contents, decision);
  if (decided === null) return settleDeleted(deps, key, decision(contents.output.attempts, true));
  return { ...(await settleDecided(deps, key, decided)), decided };
}

/** Settles the end of an execution whose contents its user has deleted: what was used is charged, and nothing is stored. */
const settleDeleted = (
  deps: DecidingDependencies,
  { tenant_id, user_id }: ContentsKey,
  { settlement }: { settlement: Settlement },
): Promise<Settled> => {
  const reservation = { wallet: { tenant_id, user_id }, keeps_answer: false };
  return settleExecution(deps, reservation, cancelledOf(settlement, 'contents_deleted'), null);
};

/** Releases the reservation of an execution whose request its user deleted, before or between its attempts. */
export const releaseDeleted = (
  deps: DecidingDependencies,
  key: ContentsKey,
  attempts: Attempt[] = [],
): Promise<Settled> =>
  settleDeleted(deps, key, endUnused(key.execution_id, 'cancelled', 'contents_deleted')(attempts, true));
