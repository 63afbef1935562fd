import { readFileSync } from 'node:fs';
import path from 'node:path';
import { backgroundBugs } from './background-bugs.ts';
import { gatewayBugs } from './gateway-bugs.ts';
import { keyAndCatalogBugs } from './key-and-catalog-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';
import { postgresBugs } from './postgres-bugs.ts';
import { priceBugs } from './price-bugs.ts';
import { providerBugs } from './provider-bugs.ts';
import { ruleBugs } from './rule-bugs.ts';
import { shellBugs } from './shell-bugs.ts';

/** Every fault there is, in the order in which they are planted. */
export const plantedBugs: PlantedBug[] = [
  ...ruleBugs,
  ...shellBugs,
  ...postgresBugs,
  ...providerBugs,
  ...keyAndCatalogBugs,
  ...backgroundBugs,
  ...gatewayBugs,
  ...priceBugs,
];

/** The faults whose place is gone from the code under `root`, each with where it was looked for. */
export function homelessBugs(root: string): string[] {
  return plantedBugs
    .filter(({ file, find }) => !readFileSync(path.join(root, file), 'utf8').includes(find))
    .map(({ what, file, find }) => `${what}: ${file} does not contain ${find}`);
}
