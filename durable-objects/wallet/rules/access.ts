import type { BalanceRefusal, Refusal } from '../commands.ts';
import type { KeyRecord } from './key-limits.ts';
import { availableOf, reservedOf, resetsAtMs, type WalletState } from './state.ts';

/** Pure: the reasons for which a wallet refuses its user, a session, an API key or an amount. */

/** The refusal of a session that may not use the wallet; undefined when it may. `issuedAtS` is its `iat` in seconds; null without a session. */
export function refuseSession(
  { standing, sessions_revoked_until_s }: WalletState,
  issuedAtS: number | null,
): Refusal<'user_disabled' | 'session_revoked'> | undefined {
  if (standing.status === 'disabled') return { ok: false, code: 'user_disabled' };
  return issuedAtS !== null && issuedAtS <= sessions_revoked_until_s
    ? { ok: false, code: 'session_revoked' }
    : undefined;
}

/** The refusal of a session or API key that may not spend; undefined when it may. */
export const refuseAccess = (
  state: WalletState,
  sessionIssuedAtS: number | null,
  key: KeyRecord | undefined,
): Refusal<'user_disabled' | 'session_revoked' | 'api_key_revoked'> | undefined =>
  refuseSession(state, sessionIssuedAtS) ??
  (key?.revoked === true ? { ok: false, code: 'api_key_revoked' } : undefined);

/** The refusal of `required` tokens that the balance does not cover. */
export const insufficientBalance = (state: WalletState, required: number): BalanceRefusal => ({
  ok: false,
  code: 'insufficient_balance',
  scope: 'wallet',
  limit: state.granted - state.expired,
  used: state.consumed,
  reserved: reservedOf(state),
  available: availableOf(state),
  required,
  resets_at_ms: resetsAtMs(state),
});
