import { describe, expect, it } from 'vitest';
import { idIn, matches } from '../../../../web/src/app/command-matches.ts';

describe('The command palette', () => {
  it('finds what has every word of the search, in any order', () => {
    expect(matches('keys API', 'API keys')).toBe(true);
    expect(matches('api users', 'API keys')).toBe(false);
    expect(matches('', 'API keys')).toBe(true);
  });

  it('takes a whole id for the id of an execution, and nothing shorter', () => {
    const id = '0190a000-0000-7000-8000-00000000000a';
    expect(idIn(` ${id.toUpperCase()} `)).toBe(id);
    expect(idIn(id.slice(1))).toBeNull();
  });
});
