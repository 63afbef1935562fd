import type { TokenPolicyOverride, UserPatch } from '../../../../../contracts/api/policies.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pageQuery } from '../../../lib/paging.ts';

export type WalletCorrection = {
  /** A credit adds tokens; an adjustment corrects, up or down. */
  kind: 'credit' | 'adjustment';
  user_id: string;
  /** Wallet tokens; negative for an adjustment that takes. */
  amount: number;
  reason: string;
  reference: string;
  /** Sending the same key again does nothing twice. */
  idempotency_key: string;
};

/** The tenant's users. `q` is how their email or name begins; empty for all. */
export const fetchUsers = (cursor: string | undefined, q = '') =>
  ask(api.users.$get({ query: { ...pageQuery(cursor), ...(q === '' ? {} : { q }) } }));

export const fetchUser = (id: string) => ask(api.users[':id'].$get({ param: { id } }));
export const patchUser = (id: string, patch: UserPatch) =>
  ask(api.users[':id'].$patch({ param: { id }, json: patch }));
export const putOverride = (id: string, override: TokenPolicyOverride) =>
  ask(api.users[':id']['token-policy'].$put({ param: { id }, json: override }));
export const postSignOut = (id: string) => ask(api.users[':id']['sign-out'].$post({ param: { id } }));

export function postCorrection(correction: WalletCorrection) {
  const { kind, user_id, amount, reason, reference, idempotency_key } = correction;
  const request = {
    param: { id: user_id },
    header: { 'idempotency-key': idempotency_key },
    json: { amount, reason, ...(reference === '' ? {} : { reference }) },
  };
  return kind === 'credit'
    ? ask(api.users[':id'].wallet.credits.$post(request))
    : ask(api.users[':id'].wallet.adjustments.$post(request));
}
