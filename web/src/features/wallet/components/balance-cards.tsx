import { SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import type { WalletView } from '../../../../../contracts/api/wallet.ts';
import { type Currency, formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatTimeShort, formatTokens } from '../../../lib/format.ts';
import { Balance, Figure } from '../../../ui/balance.tsx';
import { useCounting } from '../../../ui/use-counting.ts';

const enforcementLooks = {
  hard: 'Hard limit: runs stop at zero',
  warn: 'Soft limit: warns, never stops',
  monitor: 'No limit: usage is only recorded',
} as const;

/** The allocation of the policy, in a sentence. */
function policySentence({ policy, resets_at }: WalletView, currency: Currency): string {
  const allocation = formatAmount(policy.allocation_tokens, currency);
  if (policy.mode === 'lifetime') return `${allocation}, given once.`;
  const reset = resets_at === null ? '' : `, next on ${formatTimeShort(resets_at)}`;
  return `${allocation} every month${reset}.`;
}

function Available({ wallet }: { wallet: WalletView }) {
  const shown = useCounting(wallet.available);
  const currency = useCurrency();
  const remaining = wallet.granted - wallet.expired;
  return (
    <Balance
      title="Available now"
      amount={formatAmount(shown, currency)}
      rule={enforcementLooks[wallet.policy.enforcement]}
      shares={{ free: wallet.available, held: wallet.reserved, all: remaining }}
      label={`${formatTokens(wallet.available)} of ${formatAmount(remaining, currency)} available`}
    >
      {policySentence(wallet, currency)}{' '}
      {remaining > 0 && `${formatTokens(wallet.consumed)} of ${formatTokens(remaining)} used.`}
    </Balance>
  );
}

/** The runs a hard limit would have refused, for an admin who considers one. */
function WouldRefuse({ executions, tokens }: WalletView['would_refuse']) {
  const currency = useCurrency();
  if (executions === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      A hard limit would have refused {formatTokens(executions)} {executions === 1 ? 'run' : 'runs'} in this
      period, which were {formatAmount(tokens, currency)} short in total.
    </Text>
  );
}

type BalanceCardsProps = {
  wallet: WalletView;
  /** Shows the runs that a hard limit would have refused. */
  withWouldRefuse?: boolean;
};

/** The figures of a wallet: available = monthly + lifetime - held. */
export function BalanceCards({ wallet, withWouldRefuse = false }: BalanceCardsProps) {
  const { in_flight } = wallet;
  return (
    <Stack gap="sm">
      <Available wallet={wallet} />
      <SimpleGrid cols={{ base: 2, sm: wallet.overage > 0 ? 5 : 4 }} spacing="sm">
        <Figure label="Monthly" value={formatTokens(wallet.monthly)} hint="Spent first, expires" />
        <Figure label="Lifetime" value={formatTokens(wallet.lifetime)} hint="Never expires" />
        <Figure
          label="Held"
          value={formatTokens(wallet.reserved)}
          hint={in_flight === 0 ? 'Nothing running' : `${in_flight} running`}
        />
        <Figure
          label="Used"
          value={formatTokens(wallet.used_this_period)}
          hint={wallet.policy.mode === 'monthly' ? 'This month' : 'Since the last addition'}
        />
        {wallet.overage > 0 && (
          <Figure label="Overage" value={formatTokens(wallet.overage)} hint="Not covered" />
        )}
      </SimpleGrid>
      {withWouldRefuse && <WouldRefuse {...wallet.would_refuse} />}
    </Stack>
  );
}

export function BalanceCardsLoading() {
  return (
    <Stack gap="sm" aria-busy>
      <Skeleton h={176} radius="lg" />
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        {['monthly', 'lifetime', 'held', 'used'].map((name) => (
          <Skeleton key={name} h={92} radius="lg" />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
