import { z } from 'zod';
import { walletIdentity } from './journal.ts';
import { walletPolicy } from './wallet-policy.ts';

/** The header that carries a {@link walletSubscription} to the wallet, as JSON. A WebSocket handshake has no body. */
export const SUBSCRIPTION_HEADER = 'x-wallet-subscription';

/**
 * The wallet a WebSocket subscribes to, the session that allows it, and the ticket that opens it: null where the session's token was sent
 * itself. Times are in seconds since 1970.
 */
export const walletSubscription = z.object({
  wallet: walletIdentity,
  policy: walletPolicy,
  session: z.object({
    id: z.uuid().nullable().default(null),
    ...{ issued_at_s: z.int().min(0), expires_at_s: z.int().min(0) },
  }),
  ticket: z
    .object({ id: z.uuid(), expires_at_s: z.int().min(0) })
    .nullable()
    .default(null),
});
export type WalletSubscription = z.infer<typeof walletSubscription>;
