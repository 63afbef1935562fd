import { readFileSync } from 'node:fs';
import path from 'node:path';
import { accountMutations } from './accounts.ts';
import { backgroundMutations } from './background.ts';
import { domainMutations } from './domains.ts';
import { fileMutations } from './files.ts';
import { gatewayMutations } from './gateway.ts';
import { keyAndCatalogMutations } from './keys-and-catalog.ts';
import type { Mutation } from './mutation.ts';
import { postgresMutations } from './postgres.ts';
import { priceMutations } from './prices.ts';
import { providerMutations } from './providers.ts';
import { securityMutations } from './security.ts';
import { tenantWalletMutations } from './tenant-wallets.ts';
import { tenantMutations } from './tenants.ts';
import { walletRuleMutations } from './wallet-rules.ts';
import { walletShellMutations } from './wallet-shell.ts';

/** Every mutation, in the order in which they run. */
export const mutations: Mutation[] = [
  ...walletRuleMutations,
  ...tenantWalletMutations,
  ...walletShellMutations,
  ...postgresMutations,
  ...providerMutations,
  ...keyAndCatalogMutations,
  ...backgroundMutations,
  ...gatewayMutations,
  ...priceMutations,
  ...tenantMutations,
  ...domainMutations,
  ...accountMutations,
  ...securityMutations,
  ...fileMutations,
];

/** Returns a message for each mutation whose `find` text is not in its file under `root`. */
export function unplacedMutations(root: string): string[] {
  return mutations
    .filter(({ file, find }) => !readFileSync(path.join(root, file), 'utf8').includes(find))
    .map(({ what, file, find }) => `${what}: ${file} does not contain ${find}`);
}
