import type { ApiKey, ApiKeyScope } from '../../../../contracts/api/account/api-keys.ts';
import { type Currency, formatAmount } from '../../lib/currency.ts';
import { formatTokens, sentenceList } from '../../lib/format.ts';

/** States, scopes and limits of API keys, in words. Pure. */

export const scopeNames: Record<ApiKeyScope, string> = {
  'executions:write': 'Run prompts',
  'executions:read': 'Read executions',
  'models:read': 'List models',
  'wallet:read': 'Read the wallet',
};

export const scopeExplanations: Record<ApiKeyScope, string> = {
  'executions:write': 'Chat completions, messages and executions. Spends from your wallet.',
  'executions:read': 'Your executions and their cost.',
  'models:read': 'Model names and prices. Most clients need it.',
  'wallet:read': 'Your balance and ledger.',
};

/** The permissions of a key, in one line. */
export function rightsOf(scopes: ApiKeyScope[]): string {
  const [first, ...others] = scopes.map((scope) => scopeNames[scope]);
  return first === undefined ? '' : sentenceList([first, ...others.map((name) => name.toLowerCase())]);
}

export type ApiKeyState = 'active' | 'rotating' | 'expired' | 'revoked';

/** The times that decide the state of an API key or a management key. */
type KeyTimes = Pick<ApiKey, 'revoked_at' | 'expires_at' | 'previous_valid_until'>;

/** The state of a key at a time. `rotating`: its current and its previous secret both work. */
export function stateOf(key: KeyTimes, nowMs: number): ApiKeyState {
  if (key.revoked_at !== null) return 'revoked';
  if (key.expires_at !== null && Date.parse(key.expires_at) <= nowMs) return 'expired';
  if (key.previous_valid_until !== null && Date.parse(key.previous_valid_until) > nowMs) return 'rotating';
  return 'active';
}

/** True while a key works, so that it can be changed, rotated and revoked. */
export const isLive = (key: KeyTimes, nowMs: number): boolean =>
  ['active', 'rotating'].includes(stateOf(key, nowMs));

/** The limits of a key, each in a few words; empty when only the wallet limits it. */
export function limitsOf(key: ApiKey, currency: Currency): string[] {
  const { monthly_budget_tokens, tokens_per_minute, requests_per_minute } = key;
  return [
    monthly_budget_tokens === null ? null : `${formatAmount(monthly_budget_tokens, currency)} a month`,
    tokens_per_minute === null ? null : `${formatAmount(tokens_per_minute, currency)} a minute`,
    requests_per_minute === null ? null : `${formatTokens(requests_per_minute)} requests a minute`,
  ].filter((limit) => limit !== null);
}
