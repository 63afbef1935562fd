import { Badge, Skeleton, Tooltip } from '@mantine/core';
import { IconCoins } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useTokenWallet } from '../contexts/token-wallet-context.tsx';
import { formatTokens, formatTokensShort } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';

/** What there is to spend, always in sight; the way to the wallet. */
export function BalancePill() {
  const { wallet, error } = useTokenWallet();
  if (wallet === null) return error === null ? <Skeleton h={30} w={110} radius="xl" /> : null;
  const exact = `${formatTokens(wallet.available)} tokens available`;
  return (
    <Tooltip label={wallet.reserved > 0 ? `${exact}, ${formatTokens(wallet.reserved)} held` : exact}>
      <Badge
        component={Link}
        to={paths.wallet}
        size="xl"
        variant="light"
        tt="none"
        className="figure"
        leftSection={<IconCoins size={16} />}
        aria-label={exact}
        data-testid="balance"
        data-available={wallet.available}
        style={{ cursor: 'pointer' }}
      >
        <span className="balance-exact">{formatTokens(wallet.available)}</span>
        <span className="balance-short">{formatTokensShort(wallet.available)}</span>
      </Badge>
    </Tooltip>
  );
}
