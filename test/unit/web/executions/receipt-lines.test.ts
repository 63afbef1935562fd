import { describe, expect, it } from 'vitest';
import type { ExecutionReceipt } from '../../../../contracts/api/executions.ts';
import { isSettled, receiptLines } from '../../../../web/src/features/executions/receipt-lines.ts';

const settled: ExecutionReceipt = {
  id: '01900000-0000-7000-8000-000000000001',
  task: 'chat',
  user_id: '01900000-0000-7000-8000-000000000002',
  model: 'auto',
  routing: null,
  status: 'succeeded',
  output_text: null,
  tool_calls: null,
  finish_reason: 'stop',
  provider: { name: 'OpenAI', model: 'gpt-5.4-mini' },
  usage: null,
  usage_source: null,
  tokens_reserved: 500,
  tokens_charged: 120,
  shortfall: null,
  cost_micro_usd: 1,
  wholesale_micro_usd: null,
  first_token_ms: null,
  price_version: 3,
  price: null,
  response_cache: null,
  attempts: [],
  error_code: null,
  created_at: '2026-11-01T00:00:00Z',
  finished_at: '2026-11-01T00:00:01Z',
  tokens_released: 380,
  overage: 0,
  balance_after: 880,
  policy: null,
  ledger: [],
};
const inWords = (receipt: ExecutionReceipt) =>
  receiptLines(receipt).map(({ label, tokens }) => `${label}: ${tokens}`);

describe('A receipt', () => {
  it('says what was held, charged and given back, and what that left', () => {
    expect(inWords(settled)).toEqual([
      'Held at the start: 500',
      'Charged: 120',
      'Returned: 380',
      'Available after: 880',
    ]);
    expect(receiptLines(settled)[1]?.hint).toBe('Price version 3');
  });

  it('says on whose list the price stands', () => {
    const rates = { input: 1, cache_read: 1, cache_write: 1, output: 1 };
    const price = {
      ...{ model_id: settled.id, version: 4, wallet_tokens_per_1000: rates },
      ...{ cost_list: 'platform' as const, cost_version: 1, micro_usd_per_million: rates },
    } as const;
    const hintOf = (list: 'tenant' | 'platform') =>
      receiptLines({ ...settled, price_version: 4, price: { ...price, list } })[1]?.hint;
    expect(hintOf('tenant')).toBe('Price version 4 on the tenant’s own price list');
    expect(hintOf('platform')).toBe('Price version 4 on the platform’s price list');
  });

  it('names what went beyond the balance, where anything did', () => {
    expect(inWords({ ...settled, overage: 7 })).toContain('Overage: 7');
  });

  it('promises nothing while it runs, and is not whole until the ledger has heard of its end', () => {
    const running = { ...settled, status: 'running' as const, balance_after: null };
    expect(inWords(running)).toEqual(['Held at the start: 500']);
    expect([settled, running, { ...settled, balance_after: null }].map(isSettled)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
