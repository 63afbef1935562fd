import type { KeptInput, KeptOutput } from '../../../contracts/execution-job.ts';
import type { ResponseInputItem } from '../../../contracts/v1/responses-items.ts';
import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import { outputOf } from './answer.ts';
import { requestOf } from './kept.ts';

/** References to items of kept responses, which clients send in place of the items. The id of an item names its execution. Pure. */

/** The stored contents of a response. */
export type KeptResponse = { input: KeptInput; output: KeptOutput };

/** Returns the execution whose answer has an item; null for an id that is not ours. */
export const executionOfItem = (id: string): string | null =>
  /^(?:msg|rs|fc|ctc)_([0-9a-f-]{36})_\d{1,4}$/i.exec(id)?.[1]?.toLowerCase() ?? null;

/** Returns the executions that an input refers to, each once. */
export function referredExecutions(input: ResponsesRequest['input']): string[] {
  if (typeof input === 'string') return [];
  const ids = input.flatMap((item) => (item.type === 'item_reference' ? [executionOfItem(item.id)] : []));
  return [...new Set(ids.filter((id) => id !== null))];
}

/** Returns the items of a kept answer by their ids, with what their provider wants back. */
function itemsOf(execution_id: string, { input, output }: KeptResponse): [string, ResponseInputItem][] {
  const request = requestOf(input);
  if (request === null || output.answer === null) return [];
  const { text: output_text, ...said } = output.answer;
  const items = outputOf({ id: execution_id, output_text, ...said }, { request, store: false }, 'completed');
  return items.map((item) => [item.id, item as ResponseInputItem]);
}

/** Returns an input with the items that it refers to, or the place of the first reference to none. */
export function withReferredItems(
  input: ResponsesRequest['input'],
  kept: ReadonlyMap<string, KeptResponse>,
): { input: ResponsesRequest['input'] } | { missing: number } {
  if (typeof input === 'string') return { input };
  const known = new Map([...kept].flatMap(([id, response]) => itemsOf(id, response)));
  const items = input.map((item) => (item.type === 'item_reference' ? known.get(item.id) : item));
  const missing = items.indexOf(undefined);
  return missing === -1 ? { input: items.filter((item) => item !== undefined) } : { missing };
}
