import { IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigation, useSearchParams } from 'react-router';
import type { UserWithWallet } from '../../../../../contracts/api/tenant/users.ts';
import type { WalletView } from '../../../../../contracts/api/wallet.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { notify } from '../../../lib/notify.ts';
import { nameOf } from '../../../lib/person.ts';
import { useSearchText } from '../../../lib/use-search-text.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { InviteButton } from '../../invitations/components/invite-button.tsx';
import { OpenInvitations } from '../../invitations/components/open-invitations.tsx';
import { useSpend } from '../../usage/use-spend.ts';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { usersQuery } from '../api/users.ts';
import { BulkActions } from '../components/bulk-actions.tsx';
import { CorrectionDialog } from '../components/correction-dialog.tsx';
import { UserFilterBar } from '../components/user-filter-bar.tsx';
import { UserList } from '../components/user-list.tsx';
import type { CorrectionKind } from '../correction-draft.ts';
import { readUserFilters, withUserFilter } from '../user-filters.ts';

/** The tenant's users, found by name, email, level, role and status, and changed one by one or several at once. */
export function UsersPage() {
  const me = useUser();
  const { noteChange } = useTokenWallet();
  const [params, setParams] = useSearchParams();
  const isIdle = useNavigation().state === 'idle';
  const [search, setSearch] = useState(params.get('q') ?? '');
  const q = useSearchText(search);
  const { q: _shown, ...narrowed } = readUserFilters(params);
  const filters = { ...narrowed, ...(q === '' ? {} : { q }) };
  const isFiltered = Object.keys(filters).length > 0;
  const users = useInfiniteQuery(usersQuery(filters));
  const spendBy = useSpend('user');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [correcting, setCorrecting] = useState<{
    user: UserWithWallet;
    kind: CorrectionKind;
  } | null>(null);

  // In the address, so that coming back from a user finds the same list.
  // Not during a navigation: it would cancel it.
  useEffect(() => {
    if (isIdle && q !== (params.get('q') ?? '')) setParams(withUserFilter(params, 'q', q), { replace: true });
  }, [isIdle, q, params, setParams]);

  const currency = useCurrency();

  function finish(user: UserWithWallet, { available }: WalletView) {
    setCorrecting(null);
    if (user.id === me.id) noteChange(null);
    notify({
      color: 'brand',
      title: 'Written to the ledger',
      message: `${nameOf(user)} has ${formatAmount(available, currency)} available now.`,
    });
  }

  return (
    <>
      <PageHeader title="Users" actions={<InviteButton />}>
        Everyone who can sign in here, and their balances.
      </PageHeader>
      <UserFilterBar
        search={search}
        onSearch={setSearch}
        filters={filters}
        onChange={(name, value) => setParams(withUserFilter(params, name, value), { replace: true })}
      />
      <BulkActions
        users={users.data?.filter(({ id }) => chosen.has(id)) ?? []}
        onChosen={(left) => setChosen(new Set(left.map(({ id }) => id)))}
      />
      <UserList
        query={users}
        spendBy={spendBy}
        selection={{
          chosen,
          onChange: setChosen,
          // Nobody changes their own level or status, and closed accounts stay closed.
          canChoose: ({ id, closed_at }) => id !== me.id && closed_at === null,
          nameOf,
        }}
        onCorrect={(user, kind) => setCorrecting({ user, kind })}
        empty={
          <EmptyState icon={<IconUsers />} title={isFiltered ? 'No users found' : 'No users yet'}>
            {isFiltered
              ? 'No user matches the search and the filters.'
              : 'Users appear here when they register or accept an invitation.'}
          </EmptyState>
        }
      />
      <OpenInvitations />
      {correcting !== null && (
        <CorrectionDialog
          user={correcting.user}
          kind={correcting.kind}
          onClose={() => setCorrecting(null)}
          onDone={(wallet) => finish(correcting.user, wallet)}
        />
      )}
    </>
  );
}
