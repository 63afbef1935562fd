import { insertContents } from '../db/contents.ts';
import type { Completion } from '../providers/provider.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Begun } from './begin-execution.ts';

/**
 * Keeps what was asked and answered for its user, where the tenant says so. After the answer, and without holding it up: what cannot be
 * kept is logged, and lost.
 */
export function keepContents(
  { database, log, waitUntil }: Pick<Dependencies, 'database' | 'log' | 'waitUntil'>,
  { start, plan, wallet, stores_contents }: Begun,
  { text, tool_calls }: Pick<Completion, 'text' | 'tool_calls'>,
): void {
  if (!stores_contents) return;
  const output = { background: null, attempts: [], settlement: null, answer: { text, tool_calls } };
  const key = { ...wallet, execution_id: start.id };
  waitUntil(
    insertContents(database, key, { chat: plan.chat }, output, null).catch((error) =>
      log.error('contents_not_kept', { execution_id: start.id, error }),
    ),
  );
}
