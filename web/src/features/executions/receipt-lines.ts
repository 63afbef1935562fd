import type { ExecutionReceipt } from '../../../../contracts/api/executions.ts';

/** An execution's receipt as people read it. Pure. */

export type ReceiptLine = {
  label: string;
  hint: string | null;
  /** Wallet tokens; null while the ledger has not heard of it. */
  tokens: number | null;
  isTotal: boolean;
};

/** Whether the receipt is whole: it has ended, and the ledger has heard of it. */
export const isSettled = ({ status, balance_after }: ExecutionReceipt): boolean =>
  status !== 'running' && balance_after !== null;

const line = (label: string, tokens: number | null, hint: string | null = null): ReceiptLine => ({
  ...{ label, tokens, hint },
  isTotal: false,
});

const lists = { tenant: 'the tenant’s own price list', platform: 'the platform’s price list' };

/** By which price it was charged; whose it was is not known of executions from before that was written down. */
function priceWords({ price, price_version, tokens_charged }: ExecutionReceipt): string | null {
  if (tokens_charged === 0 || price_version === null) return null;
  return price === null
    ? `By version ${price_version} of the price`
    : `By version ${price.version} on ${lists[price.list]}`;
}

/** What was held, what became of it, and what it left. */
export function receiptLines(execution: ExecutionReceipt): ReceiptLine[] {
  const { status, tokens_reserved, tokens_charged, tokens_released, overage, balance_after } = execution;
  const held = line('Held when it began', tokens_reserved, 'The most it could cost');
  if (status === 'running') return [held];
  return [
    held,
    line('Charged', tokens_charged, priceWords(execution)),
    line('Given back', tokens_released),
    ...(overage === null || overage === 0
      ? []
      : [line('Beyond the balance', overage, 'Overage: the policy lets that be')]),
    { ...line('Available after it', balance_after), isTotal: true },
  ];
}
