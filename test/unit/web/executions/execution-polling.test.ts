import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { mayBeOnItsWay, watchMs } from '../../../../web/src/features/executions/execution-polling.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12);

describe('An execution that the database does not have', () => {
  it('may be on its way when its id was made a moment ago', () => {
    expect(mayBeOnItsWay(uuidv7({ msecs: NOW_MS - 1_500 }), NOW_MS)).toBe(true);
  });

  it('is missing when its id is older than any journal takes', () => {
    expect(mayBeOnItsWay(uuidv7({ msecs: NOW_MS - 61_000 }), NOW_MS)).toBe(false);
  });

  it('is missing when its id is none', () => {
    expect(mayBeOnItsWay('nothing', NOW_MS)).toBe(false);
    expect(mayBeOnItsWay('', NOW_MS)).toBe(false);
  });
});

it('A running execution is read after a second, and then ever more slowly', () => {
  expect([1, 2, 3].map(watchMs)).toEqual([1_000, 1_300, 1_690].map((ms) => expect.closeTo(ms)));
  expect(watchMs(50)).toBe(8_000);
});
