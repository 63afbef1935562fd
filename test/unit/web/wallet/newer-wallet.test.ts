import { expect, it } from 'vitest';
import type { WalletView } from '../../../../contracts/api/wallet.ts';
import { newerWallet } from '../../../../web/src/features/wallet/api/wallet.ts';

const withEntries = (seq: number) => ({ seq }) as WalletView;

it('Of two readings of a wallet the one with more entries is shown, whichever arrived first', () => {
  expect(newerWallet(withEntries(3), withEntries(2)).seq).toBe(3);
  expect(newerWallet(withEntries(3), withEntries(4)).seq).toBe(4);
  expect(newerWallet(undefined, withEntries(1)).seq).toBe(1);
});
