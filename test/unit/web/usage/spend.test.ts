import { describe, expect, it } from 'vitest';
import type { UsageItem } from '../../../../contracts/api/usage.ts';
import { spendOf } from '../../../../web/src/features/usage/spend.ts';

const item = { user: { id: 'ada' }, wallet_tokens: 70, executions: 2 } as UsageItem;

describe('What a user spent', () => {
  it('is that of their item, and nothing without one if every item was read', () => {
    const spendBy = spendOf([item], 'user', true);
    expect(spendBy('ada')).toMatchObject({ wallet_tokens: 70, executions: 2 });
    expect(spendBy('grace')).toEqual({ wallet_tokens: 0, executions: 0 });
  });

  it('is not known without an item if more of them follow', () => {
    expect(spendOf([item], 'user', false)('grace')).toBeNull();
  });
});
