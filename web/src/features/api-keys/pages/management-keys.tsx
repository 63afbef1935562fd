import { Button } from '@mantine/core';
import { IconPlus, IconServer } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  ManagementKey,
  ManagementKeyWithSecret,
} from '../../../../../contracts/api/tenant/management-keys.ts';
import { notify } from '../../../lib/notify.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { managementKeysQuery } from '../api/management-keys.ts';
import {
  ManagementSecretDialog,
  NewManagementKeyDrawer,
  RevokeManagementKeyDialog,
  RotateManagementKeyDialog,
} from '../components/management-key-dialogs.tsx';
import { type ManagementKeyAction, ManagementKeyList } from '../components/management-key-list.tsx';

type Opened = { key: ManagementKey; action: ManagementKeyAction } | 'new' | null;

/** Keys for the tenant's own servers. For its admins. */
export function ManagementKeysPage() {
  const keys = useInfiniteQuery(managementKeysQuery);
  const [opened, setOpened] = useState<Opened>(null);
  const [shown, setShown] = useState<ManagementKeyWithSecret | null>(null);
  const close = () => setOpened(null);

  function show(key: ManagementKeyWithSecret) {
    setOpened(null);
    setShown(key);
  }

  function revoked({ name }: ManagementKey) {
    setOpened(null);
    notify({ color: 'brand', title: 'Revoked', message: `“${name}” no longer works.` });
  }

  const create = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New key
    </Button>
  );

  return (
    <>
      <PageHeader title="Management keys" actions={keys.data !== undefined && keys.data.length > 0 && create}>
        Keys for your own servers: they create users, change balances and read usage.
      </PageHeader>
      <ManagementKeyList
        query={keys}
        onAct={(key, action) => setOpened({ key, action })}
        empty={
          <EmptyState icon={<IconServer />} title="No keys yet" action={create}>
            With a key, your shop can add to a balance after a purchase, without a person’s password.
          </EmptyState>
        }
      />
      {opened === 'new' && <NewManagementKeyDrawer onClose={close} onDone={show} />}
      {opened !== null && opened !== 'new' && opened.action === 'rotate' && (
        <RotateManagementKeyDialog managementKey={opened.key} onClose={close} onDone={show} />
      )}
      {opened !== null && opened !== 'new' && opened.action === 'revoke' && (
        <RevokeManagementKeyDialog
          managementKey={opened.key}
          onClose={close}
          onDone={() => revoked(opened.key)}
        />
      )}
      {shown !== null && <ManagementSecretDialog managementKey={shown} onClose={() => setShown(null)} />}
    </>
  );
}
