import { api, ask } from '../lib/api-client.ts';
import { pageQuery } from './paging.ts';

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

export const fetchUsers = (cursor: string | undefined) => ask(api.users.$get({ query: pageQuery(cursor) }));

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
