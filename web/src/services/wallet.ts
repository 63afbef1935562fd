import { api, ask } from '../lib/api-client.ts';
import { pageQuery } from './paging.ts';

export const fetchWallet = () => ask(api.wallet.$get());

export const fetchLedger = (cursor: string | undefined) =>
  ask(api.wallet.ledger.$get({ query: pageQuery(cursor) }));
