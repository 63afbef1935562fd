import { Alert, Button, Group, Stack } from '@mantine/core';
import { IconEye, IconUserQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { UserDetail } from '../../../../../contracts/api/tenant/policies.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { BalanceCards } from '../../wallet/components/balance-cards.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { userQuery } from '../api/users.ts';
import { CorrectionDialog } from '../components/correction-dialog.tsx';
import { FactorsDialog } from '../components/factors-dialog.tsx';
import { OverrideDrawer } from '../components/override-drawer.tsx';
import { RoleDialog } from '../components/role-dialog.tsx';
import { type UserAction, UserActions } from '../components/user-actions.tsx';
import { LevelDialog, SignOutDialog, StatusDialog } from '../components/user-dialogs.tsx';
import { UserPolicy } from '../components/user-policy.tsx';
import { UserRecords } from '../components/user-records.tsx';
import { UserStanding } from '../components/user-standing.tsx';
import { WaitingAllocation } from '../components/waiting-allocation.tsx';
import { roleNames } from '../role-words.ts';

type DialogProps = {
  open: UserAction | 'policy' | null;
  detail: UserDetail;
  onClose: () => void;
  onChanged: (notice: string) => void;
};

function Dialog({ open, detail, onClose, onChanged }: DialogProps) {
  const { user, wallet } = detail;
  const currency = useCurrency();
  switch (open) {
    case null:
      return null;
    case 'credit':
    case 'adjustment':
      return (
        <CorrectionDialog
          user={{ ...user, wallet }}
          kind={open}
          onClose={onClose}
          onDone={(next) =>
            onChanged(`${nameOf(user)} has ${formatAmount(next.available, currency)} available now.`)
          }
        />
      );
    case 'policy':
      return (
        <OverrideDrawer
          detail={detail}
          onClose={onClose}
          onDone={() => onChanged('The wallet follows the new policy from now on.')}
        />
      );
    case 'level':
      return (
        <LevelDialog
          detail={detail}
          onClose={onClose}
          onDone={(next) => onChanged(`${nameOf(user)} is on ${next.user.level.name} now.`)}
        />
      );
    case 'role':
      return (
        <RoleDialog
          detail={detail}
          onClose={onClose}
          onDone={(next) => onChanged(`${nameOf(user)} is ${roleNames[next.user.role].toLowerCase()} now.`)}
        />
      );
    case 'sign-out':
      return <SignOutDialog detail={detail} onClose={onClose} />;
    case 'factors':
      return <FactorsDialog detail={detail} onClose={onClose} />;
    case 'status':
      return (
        <StatusDialog
          detail={detail}
          onClose={onClose}
          onDone={(next) =>
            onChanged(
              next.user.status === 'disabled'
                ? `${nameOf(user)} is signed out and cannot run anything.`
                : `${nameOf(user)} can sign in again.`,
            )
          }
        />
      );
  }
}

/** Fields that administrators may change about their own account. */
function SelfMade({ offBy }: { offBy: UserDetail['self_made_changes_off_by'] }) {
  return (
    <Alert color="gray" icon={<IconEye aria-hidden />}>
      {offBy === null
        ? 'This is your own account. What you change here is marked as self-made in the audit log, which every admin sees.'
        : `This is your own account. ${offBy === 'tenant' ? 'The settings of this tenant' : 'The platform'} reserved changes of its wallet and policy to other admins.`}
    </Alert>
  );
}

function Person({ detail }: { detail: UserDetail }) {
  const me = useUser();
  const own = useTokenWallet();
  const [open, setOpen] = useState<DialogProps['open']>(null);
  const { user } = detail;
  const isSelf = user.id === me.id;
  const wallet = isSelf ? (own.wallet ?? detail.wallet) : detail.wallet;

  function changed(message: string) {
    setOpen(null);
    if (isSelf) own.noteChange(null);
    notify({ color: 'brand', title: 'Saved', message });
  }

  return (
    <>
      <PageHeader
        title={nameOf(user)}
        actions={
          <UserActions
            user={user}
            isSelf={isSelf}
            canCorrect={detail.self_made_changes_off_by === null}
            onAct={setOpen}
          />
        }
      >
        <Group gap="xs">
          <UserStanding user={user} />
          {user.email} · {user.level.name} · since {formatTimeShort(user.created_at)}
        </Group>
      </PageHeader>
      <Stack gap="md">
        {isSelf && <SelfMade offBy={detail.self_made_changes_off_by} />}
        <WaitingAllocation user={user} onDone={() => changed(`${nameOf(user)} has their allocation now.`)} />
        {wallet === null ? (
          <Alert color="yellow" title="The wallet cannot be reached at the moment">
            The ledger below shows its last known entries. Changes apply as soon as the wallet is back.
          </Alert>
        ) : (
          <BalanceCards wallet={wallet} withWouldRefuse />
        )}
        <UserPolicy detail={detail} onEdit={() => setOpen('policy')} />
        <UserRecords user={user} walletSeq={wallet?.seq ?? 0} />
      </Stack>
      <Dialog open={open} detail={{ ...detail, wallet }} onClose={() => setOpen(null)} onChanged={changed} />
    </>
  );
}

/** One user: their exact wallet, its policy, their ledger and their executions. */
export function UserPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useQuery(userQuery(id));
  const isMissing = error?.code === 'not_found' || error?.code === 'invalid_request';
  return (
    <>
      <BackLink to={paths.users}>All users</BackLink>
      {data !== undefined && <Person key={id} detail={data} />}
      {data === undefined && error === null && <ListLoading />}
      {isMissing && (
        <EmptyState
          isPage
          icon={<IconUserQuestion />}
          title="User not found"
          action={
            <Button component={Link} to={paths.users}>
              All users
            </Button>
          }
        >
          They may belong to another tenant, or the address may be mistyped.
        </EmptyState>
      )}
      {error !== null && !isMissing && (
        <Group mt="sm">
          <ErrorAlert error={error} onRetry={refetch} />
        </Group>
      )}
    </>
  );
}
