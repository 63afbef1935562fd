import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUsers } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { useNavigation, useSearchParams } from 'react-router';
import type { UserWithWallet } from '../../../../../contracts/api/users.ts';
import type { Wallet } from '../../../../../contracts/api/wallet.ts';
import { formatTokens } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { nameOf } from '../../../lib/person.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { fetchUsers, type WalletCorrection } from '../api/users.ts';
import { CorrectionDialog } from '../components/correction-dialog.tsx';
import { UserList } from '../components/user-list.tsx';

/** Typing goes on within this time: asking for each letter would only tire the server. */
const SEARCH_DELAY_MS = 250;

/** The tenant's people, found by how their name or email begins. */
export function UsersPage() {
  const me = useUser();
  const { noteChange } = useTokenWallet();
  const [params, setParams] = useSearchParams();
  const isIdle = useNavigation().state === 'idle';
  const [search, setSearch] = useState(params.get('q') ?? '');
  const [q] = useDebouncedValue(search.trim(), SEARCH_DELAY_MS);
  const pages = usePages(useCallback((cursor) => fetchUsers(cursor, q), [q]));
  const [correcting, setCorrecting] = useState<{
    user: UserWithWallet;
    kind: WalletCorrection['kind'];
  } | null>(null);

  // In the address, so that coming back from a person finds the same list.
  // Not while somebody is on their way to another page: it would call them back.
  useEffect(() => {
    if (isIdle && q !== (params.get('q') ?? '')) setParams(q === '' ? {} : { q }, { replace: true });
  }, [isIdle, q, params, setParams]);

  function finish(user: UserWithWallet, { available, reserved, overage }: Wallet) {
    setCorrecting(null);
    pages.change((known) =>
      known.id === user.id ? { ...known, wallet: { available, reserved, overage } } : known,
    );
    if (user.id === me.id) noteChange(null);
    notify({
      color: 'brand',
      title: 'Written to the ledger',
      message: `${nameOf(user)} has ${formatTokens(available)} tokens available now.`,
    });
  }

  return (
    <>
      <PageHeader title="Users">Who may use this place, and what they can spend.</PageHeader>
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
      {pages.error !== null && <ErrorAlert error={pages.error} onRetry={pages.reload} />}
      {pages.items === null && pages.error === null && <ListLoading />}
      {pages.items?.length === 0 && (
        <EmptyState icon={<IconUsers />} title={q === '' ? 'Nobody is here yet' : 'Nobody is found'}>
          {q === '' ? 'People appear here when they register.' : `No name or email begins with “${q}”.`}
        </EmptyState>
      )}
      {pages.items !== null && pages.items.length > 0 && (
        <UserList items={pages.items} onCorrect={(user, kind) => setCorrecting({ user, kind })} />
      )}
      <ListEnd pages={pages} />
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
