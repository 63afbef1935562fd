import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mutations, unplacedMutations } from '../../mutation/mutations.ts';
import { mutationsOfReplacedFunctions } from '../../mutation/replaced-functions.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('mutations', () => {
  it('each quote source text that exists', () => {
    expect(unplacedMutations(root)).toEqual([]);
  });

  it('each change a function of SQL where it is defined last', () => {
    expect(mutationsOfReplacedFunctions(root)).toEqual([]);
  });

  it('each name tests that exist', () => {
    const guards = new Set(mutations.flatMap(({ tests }) => tests.split(' ')));
    expect([...guards].filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('each change something and have a unique description', () => {
    expect(mutations.filter(({ find, replace }) => find === replace)).toEqual([]);
    expect(new Set(mutations.map(({ what }) => what)).size).toBe(mutations.length);
  });
});
