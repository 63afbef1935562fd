import { Button } from '@mantine/core';
import { IconLock, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { UserWithWallet } from '../../../contracts/api/users.ts';
import type { Wallet } from '../../../contracts/api/wallet.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorAlert } from '../components/error-alert.tsx';
import { ListEnd } from '../components/list-end.tsx';
import { ListLoading } from '../components/list-loading.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { CorrectionDialog } from '../components/users/correction-dialog.tsx';
import { nameOf, UserList } from '../components/users/user-list.tsx';
import { useUser } from '../contexts/auth-context.tsx';
import { useTokenWallet } from '../contexts/token-wallet-context.tsx';
import { usePages } from '../hooks/use-pages.ts';
import { formatTokens } from '../lib/format.ts';
import { notify } from '../lib/notify.ts';
import { paths } from '../lib/paths.ts';
import { fetchUsers, type WalletCorrection } from '../services/users.ts';

function ForAdmins() {
  return (
    <EmptyState
      isPage
      icon={<IconLock />}
      title="This page is for admins"
      action={
        <Button component={Link} to={paths.playground}>
          To the playground
        </Button>
      }
    >
      Ask an administrator if you need something changed.
    </EmptyState>
  );
}

function Users() {
  const me = useUser();
  const { noteChange } = useTokenWallet();
  const pages = usePages(fetchUsers);
  const [correcting, setCorrecting] = useState<{
    user: UserWithWallet;
    kind: WalletCorrection['kind'];
  } | null>(null);

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
      {pages.error !== null && <ErrorAlert error={pages.error} onRetry={pages.reload} />}
      {pages.items === null && pages.error === null && <ListLoading />}
      {pages.items?.length === 0 && (
        <EmptyState icon={<IconUsers />} title="Nobody is here yet">
          People appear here when they register.
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

/** The tenant's people, for its admins. The API decides who may; this only spares others a refusal. */
export function UsersPage() {
  const { role } = useUser();
  return role === 'user' ? <ForAdmins /> : <Users />;
}
