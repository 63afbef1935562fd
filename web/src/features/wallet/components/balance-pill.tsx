import { Skeleton, VisuallyHidden } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconCoins } from '@tabler/icons-react';
import { Link } from 'react-router';
import { currencyFor, formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatTokens, formatTokensShort } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { useCounting } from '../../../ui/use-counting.ts';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { useTokenWallet } from '../token-wallet-context.tsx';
import classes from './balance-pill.module.css';

const NOT_LIVE = 'The balance is not live at the moment. Reconnecting.';

/** Larger figures are shortened on a phone: they do not fit beside the brand. */
const PHONE_MAX = 9_999_999;

function Balance({ available, reserved }: { available: number; reserved: number }) {
  const { lastCharge, isInterrupted } = useTokenWallet();
  const shown = useCounting(available);
  const isPhone = useIsPhone();
  const currency = useCurrency();
  const exact = `${formatAmount(available, currency)} available`;
  const known = reserved > 0 ? `${exact}, ${formatTokens(reserved)} held` : exact;
  return (
    <div className={classes.wrapper}>
      <Link
        to={paths.wallet}
        className={`${classes.pill} figure mantine-focus-auto`}
        title={isInterrupted ? `${known}. ${NOT_LIVE}` : known}
        data-testid="balance"
        data-available={available}
      >
        {isInterrupted ? (
          <IconCloudOff size={17} stroke={1.8} className={classes.interrupted} aria-hidden />
        ) : (
          <IconCoins size={17} stroke={1.8} aria-hidden />
        )}
        {isPhone && shown > PHONE_MAX ? formatTokensShort(shown) : formatTokens(shown)}
        <VisuallyHidden>
          {' '}
          {currencyFor(currency, available)} available{isInterrupted && ', not live'}. Open the wallet
        </VisuallyHidden>
      </Link>
      {lastCharge !== null && lastCharge.tokens > 0 && (
        <span key={lastCharge.id} className={`${classes.charge} figure`} aria-hidden>
          −{formatTokens(lastCharge.tokens)}
        </span>
      )}
      <VisuallyHidden role="status">{isInterrupted && NOT_LIVE}</VisuallyHidden>
      <VisuallyHidden role="status">
        {lastCharge !== null && `${formatAmount(lastCharge.tokens, currency)} charged. ${exact}.`}
      </VisuallyHidden>
    </div>
  );
}

/** The available balance, as a link to the wallet. */
export function BalancePill() {
  const { wallet, error, refresh } = useTokenWallet();
  if (wallet !== null) return <Balance available={wallet.available} reserved={wallet.reserved} />;
  if (error === null) return <Skeleton h={34} w={112} radius="xl" />;
  return (
    <button type="button" className={classes.pill} onClick={refresh} title={error.message}>
      <IconAlertTriangle size={16} aria-hidden />
      No balance
    </button>
  );
}
