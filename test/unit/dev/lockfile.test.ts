import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

type Package = { integrity?: string; resolved?: string };
const lockfile = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
  packages: Record<string, Package>;
};
const packages = Object.entries(lockfile.packages).filter(([name]) => name !== '');

it('every package of the lockfile has its integrity, those for other platforms included', () => {
  expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  expect(packages.length).toBeGreaterThan(100);
});

it('no package of the lockfile names the registry it came from', () => {
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
