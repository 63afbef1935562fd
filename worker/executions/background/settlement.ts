import type { KeptOutput } from '../../../contracts/execution-job.ts';
import type { Result } from '../../../contracts/result.ts';
import type { Attempt } from '../../../contracts/usage.ts';
import { type Contents, type ContentsKey, loadContents, replaceOutput } from '../../db/contents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { settleExecution } from '../settle-execution.ts';
import { answerOf, type Settlement, settlementOf } from '../settlement.ts';

/** What ending an execution in the background takes. */
export type SettlingDependencies = Pick<Dependencies, 'database' | 'wallets' | 'log'>;

/** An execution names at most so many attempts in the ledger (contracts/journal.ts). */
export const ATTEMPTS_KEPT_MAX = 10;

/** An end that somebody wants, given the attempts that are known: two deliveries at once may know of one each. */
export type End = (attempts: Attempt[]) => Pick<KeptOutput, 'answer'> & { settlement: Settlement };

/** Attempts of both, in the order in which they were made. Pure. */
export const mergeAttempts = (known: Attempt[], more: Attempt[]): Attempt[] =>
  [...known, ...more].sort((a, b) => a.started_at_ms - b.started_at_ms).slice(-ATTEMPTS_KEPT_MAX);

/** Nothing was used, so nothing is charged. */
export const endUnused =
  (id: string, status: 'failed' | 'cancelled', error_code: string): End =>
  (attempts) => {
    const none = { worst_case_tokens: 0, max_output_tokens: 0 };
    const settlement = settlementOf({ id }, none, { how: 'failed', error_code, attempts }, Date.now());
    return { settlement: { ...settlement, outcome: { ...settlement.outcome, status } }, answer: null };
  };

/**
 * Changes what is kept of an execution, unless its end is decided, on top of whatever others change at once. Answers what is kept
 * afterwards; null when its user deleted it.
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

/** Writes down how an execution ends, unless that is decided: whoever writes first decides, in one row of Postgres. */
const decide = (deps: SettlingDependencies, key: ContentsKey, contents: Contents, end: End) =>
  revise(deps, key, contents, (output) => {
    const { settlement, answer } = end(output.attempts);
    return { ...output, attempts: settlement.outcome.attempts, settlement, answer };
  });

type Settled = Result<unknown, { code: 'unavailable' | 'execution_over' }>;

/**
 * Tells the wallet what was decided: once or many times, it comes to the same. An execution whose tokens were given back before, since
 * its hour was over, has not been paid for: its answer is dropped.
 */
export async function settleDecided(
  deps: SettlingDependencies,
  key: ContentsKey,
  contents: Contents,
): Promise<Settled> {
  const { background, settlement, answer } = contents.output;
  if (background === null || settlement === null) throw new Error('Nothing was decided in the background');
  const { start, worst_case_tokens, fitted, shortfall, keeps_answer } = background;
  const { tenant_id, user_id } = key;
  const plan = { worst_case_tokens, fitted, max_output_tokens: start.max_output_tokens };
  const kept = answer === null ? null : answerOf({ start, plan, shortfall, user_id }, settlement, answer);
  const held = { wallet: { tenant_id, user_id }, keeps_answer };
  const settled = await settleExecution(deps, held, settlement, kept);
  if (!settled.ok && settled.failure.code === 'execution_over' && answer !== null)
    await replaceOutput(deps.database, key, contents, { ...contents.output, answer: null });
  return settled;
}

/** Ends an execution in the background, or finishes the end that was decided before. */
export async function endBackground(
  deps: SettlingDependencies,
  key: ContentsKey,
  contents: Contents,
  end: End,
): Promise<Settled & { decided?: Contents }> {
  const decided = await decide(deps, key, contents, end);
  if (decided === null) return releaseDeleted(deps, key);
  return { ...(await settleDecided(deps, key, decided)), decided };
}

/** Its user has deleted what it asks: the tokens are given back. */
export async function releaseDeleted(
  deps: SettlingDependencies,
  { tenant_id, user_id, execution_id }: ContentsKey,
): Promise<Settled> {
  const { settlement } = endUnused(execution_id, 'cancelled', 'contents_deleted')([]);
  const held = { wallet: { tenant_id, user_id }, keeps_answer: false };
  return settleExecution(deps, held, settlement, null);
}
