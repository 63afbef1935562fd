import { Badge, Group, Paper, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import type { WalletView } from '../../../../../contracts/api/wallet.ts';
import { formatTimeShort, formatTokens } from '../../../lib/format.ts';
import { useCounting } from '../../../ui/use-counting.ts';
import classes from './balance-cards.module.css';

const enforcementLooks = {
  hard: 'Hard limit: runs stop at zero',
  warn: 'Soft limit: warns, never stops',
  monitor: 'No limit: usage is only recorded',
} as const;

/** The allocation of the policy, in a sentence. */
function policySentence({ policy, resets_at }: WalletView): string {
  const allocation = `${formatTokens(policy.allocation_tokens)} tokens`;
  if (policy.mode === 'lifetime') return `${allocation}, given once.`;
  const reset = resets_at === null ? '' : `, next on ${formatTimeShort(resets_at)}`;
  return `${allocation} every month${reset}.`;
}

function Figure({ label, tokens, hint }: { label: string; tokens: number; hint: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <Text fz="1.25rem" fw={650} className="figure" lts="-0.01em">
        {formatTokens(tokens)}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Paper>
  );
}

function Available({ wallet }: { wallet: WalletView }) {
  const shown = useCounting(wallet.available);
  const remaining = wallet.granted - wallet.expired;
  const width = (tokens: number) => ({ width: `${Math.min(100, (100 * tokens) / Math.max(1, remaining))}%` });
  return (
    <Paper withBorder p={{ base: 'md', sm: 'xl' }}>
      <Stack gap="md">
        <Group justify="space-between" align="start">
          <div>
            <Text size="sm" c="dimmed" fw={550}>
              Available now
            </Text>
            <Text className={classes.big} component="p" m={0}>
              {formatTokens(shown)}
            </Text>
          </div>
          <Badge variant="light" color="gray">
            {enforcementLooks[wallet.policy.enforcement]}
          </Badge>
        </Group>
        <div
          className={classes.bar}
          role="img"
          aria-label={`${formatTokens(wallet.available)} of ${formatTokens(remaining)} tokens available`}
        >
          <div className={classes.available} style={width(wallet.available)} />
          {wallet.reserved > 0 && <div className={classes.held} style={width(wallet.reserved)} />}
        </div>
        <Text size="sm" c="dimmed">
          {policySentence(wallet)}{' '}
          {remaining > 0 && `${formatTokens(wallet.consumed)} of ${formatTokens(remaining)} used.`}
        </Text>
      </Stack>
    </Paper>
  );
}

/** The runs a hard limit would have refused, for an admin who considers one. */
function WouldRefuse({ executions, tokens }: WalletView['would_refuse']) {
  if (executions === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      A hard limit would have refused {formatTokens(executions)} {executions === 1 ? 'run' : 'runs'} in this
      period, which lacked {formatTokens(tokens)} tokens in total.
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
        <Figure label="Monthly" tokens={wallet.monthly} hint="Spent first, expires" />
        <Figure label="Lifetime" tokens={wallet.lifetime} hint="Never expires" />
        <Figure
          label="Held"
          tokens={wallet.reserved}
          hint={in_flight === 0 ? 'Nothing running' : `${in_flight} running`}
        />
        <Figure
          label="Used"
          tokens={wallet.used_this_period}
          hint={wallet.policy.mode === 'monthly' ? 'This month' : 'Since tokens were last added'}
        />
        {wallet.overage > 0 && <Figure label="Overage" tokens={wallet.overage} hint="Not covered" />}
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
