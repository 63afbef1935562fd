import { z } from 'zod';
import { walletIdentity } from './journal.ts';
import { walletPolicy } from './wallet-policy.ts';

/** Where the Worker puts a {@link walletSubscription} for the wallet, as JSON: a WebSocket handshake has no body. */
export const SUBSCRIPTION_HEADER = 'x-wallet-subscription';

/** Whose live balance a WebSocket asks for, and the session that allows it. Times are seconds since the epoch. */
export const walletSubscription = z.object({
  wallet: walletIdentity,
  policy: walletPolicy,
  session: z.object({ issued_at_s: z.int().min(0), expires_at_s: z.int().min(0) }),
});
export type WalletSubscription = z.infer<typeof walletSubscription>;
