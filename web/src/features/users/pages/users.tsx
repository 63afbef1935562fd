import { TextInput } from '@mantine/core';
import { IconSearch, IconUsers } from '@tabler/icons-react';
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
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { usersQuery } from '../api/users.ts';
import { CorrectionDialog } from '../components/correction-dialog.tsx';
import { UserList } from '../components/user-list.tsx';
import type { CorrectionKind } from '../correction-draft.ts';

/** The tenant's users, found by the beginning of their name or email. */
export function UsersPage() {
  const me = useUser();
  const { noteChange } = useTokenWallet();
  const [params, setParams] = useSearchParams();
  const isIdle = useNavigation().state === 'idle';
  const [search, setSearch] = useState(params.get('q') ?? '');
  const q = useSearchText(search);
  const users = useInfiniteQuery(usersQuery(q));
  const [correcting, setCorrecting] = useState<{
    user: UserWithWallet;
    kind: CorrectionKind;
  } | null>(null);

  // In the address, so that coming back from a user finds the same list.
  // Not during a navigation: it would cancel it.
  useEffect(() => {
    if (isIdle && q !== (params.get('q') ?? '')) setParams(q === '' ? {} : { q }, { replace: true });
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
      <TextInput
        type="search"
        aria-label="Search by the beginning of a name or email"
        placeholder="Name or email begins with"
        leftSection={<IconSearch size={16} aria-hidden />}
        maxLength={254}
        maw={360}
        mb="md"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      <UserList
        query={users}
        onCorrect={(user, kind) => setCorrecting({ user, kind })}
        empty={
          <EmptyState icon={<IconUsers />} title={q === '' ? 'No users yet' : 'No users found'}>
            {q === ''
              ? 'Users appear here when they register or accept an invitation.'
              : `No name or email begins with “${q}”.`}
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
