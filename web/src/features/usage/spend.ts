import type { UsageItem } from '../../../../contracts/api/usage.ts';
import { idOfGroup } from './usage-groups.ts';

/** The spend of a user or an API key: wallet tokens, and the executions that ended. */
export type Spend = Pick<UsageItem, 'wallet_tokens' | 'executions'>;

/** Returns the spend of an id; null if it is not known. */
export type SpendById = (id: string) => Spend | null;

const nothing: Spend = { wallet_tokens: 0, executions: 0 };

/** Returns the spend by id. An id without an item spent nothing if `isWhole`: no page of items follows. Otherwise it is not known. Pure. */
export function spendOf(items: UsageItem[], group: 'user' | 'key', isWhole: boolean): SpendById {
  const byId = new Map<string, Spend>(items.map((item) => [idOfGroup(item, group), item]));
  return (id) => byId.get(id) ?? (isWhole ? nothing : null);
}
