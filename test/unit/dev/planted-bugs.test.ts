import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { homelessBugs, plantedBugs } from '../../planted-bugs/planted-bugs.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the planted bugs', () => {
  it('each have their place in the code as it stands', () => {
    expect(homelessBugs(root)).toEqual([]);
  });

  it('each name tests that are there', () => {
    const guards = new Set(plantedBugs.flatMap(({ tests }) => tests.split(' ')));
    expect([...guards].filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('each change something, under a name of their own', () => {
    expect(plantedBugs.filter(({ find, replace }) => find === replace)).toEqual([]);
    expect(new Set(plantedBugs.map(({ what }) => what)).size).toBe(plantedBugs.length);
  });
});
