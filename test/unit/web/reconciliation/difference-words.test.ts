import { describe, expect, it } from 'vitest';
import { differenceKind } from '../../../../contracts/wallet/reconciliation.ts';
import { detailOf, titleOf } from '../../../../web/src/features/reconciliation/difference-words.ts';

describe('A difference in words', () => {
  it('says where it is, and what it is between', () => {
    expect(
      detailOf({
        kind: 'figures_broken',
        seq: 1_204,
        field: 'monthly_delta',
        expected: 50_000,
        found: 49_999,
      }),
    ).toBe('Entry 1,204, monthly delta: 50,000 expected, 49,999 found');
  });

  it('leaves out what it is not about', () => {
    expect(
      detailOf({ kind: 'wallet_figures_differ', seq: null, field: null, expected: 7, found: null }),
    ).toBe('7 expected, nothing found');
  });

  it('has a sentence of its own for every kind', () => {
    const titles = differenceKind.options.map((kind) =>
      titleOf({ kind, seq: null, field: null, expected: null, found: null }),
    );
    expect(new Set(titles).size).toBe(differenceKind.options.length);
  });
});
