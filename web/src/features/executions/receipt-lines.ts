import type { ExecutionReceipt } from '../../../../contracts/api/executions.ts';

/** The lines of an execution's receipt, as text. Pure. */

export type ReceiptLine = {
  label: string;
  hint: string | null;
  /** Wallet tokens; null until the ledger has the entry. */
  tokens: number | null;
  isTotal: boolean;
};

/** True when the execution has ended and the ledger has its last entry. */
export const isSettled = ({ status, balance_after }: ExecutionReceipt): boolean =>
  status !== 'running' && balance_after !== null;

const line = (label: string, tokens: number | null, hint: string | null = null): ReceiptLine => ({
  ...{ label, tokens, hint },
  isTotal: false,
});

const lists = { tenant: 'the tenant’s own price list', platform: 'the platform’s price list' };

/** The price it was charged by. Older executions store the version only. */
function priceWords({ price, price_version, tokens_charged }: ExecutionReceipt): string | null {
  if (tokens_charged === 0 || price_version === null) return null;
  return price === null
    ? `Price version ${price_version}`
    : `Price version ${price.version} on ${lists[price.list]}`;
}

/** The held, charged and released amounts, and the balance after them. */
export function receiptLines(execution: ExecutionReceipt): ReceiptLine[] {
  const { status, tokens_reserved, tokens_charged, tokens_released, overage, balance_after } = execution;
  const held = line('Held at the start', tokens_reserved, 'The most it could cost');
  if (status === 'running') return [held];
  return [
    held,
    line('Charged', tokens_charged, priceWords(execution)),
    line('Returned', tokens_released),
    ...(overage === null || overage === 0
      ? []
      : [line('Overage', overage, 'Charged beyond the balance, as the policy allows')]),
    { ...line('Available after', balance_after), isTotal: true },
  ];
}
