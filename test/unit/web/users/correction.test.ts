import { describe, expect, it } from 'vitest';
import { emptyCorrectionDraft, readCorrection } from '../../../../web/src/features/users/correction-draft.ts';

const draft = { ...emptyCorrectionDraft, amount: 500, reason: ' Refund ' };

describe('A correction of a wallet', () => {
  it('takes when it is an adjustment that takes, and a credit always adds', () => {
    const amountOf = (kind: 'credit' | 'adjustment', direction: 'add' | 'take') => {
      const read = readCorrection(kind, { ...draft, direction }, 'key');
      return read.ok ? read.value.amount : null;
    };
    expect(amountOf('adjustment', 'take')).toBe(-500);
    expect(amountOf('adjustment', 'add')).toBe(500);
    expect(amountOf('credit', 'take')).toBe(500);
  });

  it('is sent with trimmed texts, and an empty reference is none', () => {
    expect(readCorrection('credit', { ...draft, reference: ' ' }, 'key')).toEqual({
      ok: true,
      value: { kind: 'credit', amount: 500, reason: 'Refund', reference: '', idempotency_key: 'key' },
    });
  });

  it('needs an amount of at least 1 and a reason', () => {
    for (const amount of ['', 0, -5, 1.5]) {
      const read = readCorrection('adjustment', { ...draft, amount, reason: ' ' }, 'key');
      expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual(['amount', 'reason']);
    }
  });
});
