import type { Wallet } from '../../contracts/api/wallet.ts';
import type { WalletView } from '../../durable-objects/wallet/commands.ts';

/** The wallet as the API shows it. */
export function presentWallet(view: WalletView): Wallet {
  const { resets_at_ms, policy, ...figures } = view;
  const { version: _, ...shownPolicy } = policy;
  return {
    ...figures,
    resets_at: resets_at_ms === null ? null : new Date(resets_at_ms).toISOString(),
    policy: shownPolicy,
  };
}
