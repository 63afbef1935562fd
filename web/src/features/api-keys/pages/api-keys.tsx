import { Button, Group, SegmentedControl } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey, ApiKeyWithSecret } from '../../../../../contracts/api/account/api-keys.ts';
import { notify } from '../../../lib/notify.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { MissingFeature } from '../../levels/components/missing-feature.tsx';
import { useFeature } from '../../levels/use-feature.ts';
import { useSpend } from '../../usage/use-spend.ts';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { apiKeysQuery } from '../api/api-keys.ts';
import { ClientAddress } from '../components/client-address.tsx';
import { RevokeDialog, RotateDialog } from '../components/key-dialogs.tsx';
import { EditKeyDrawer, NewKeyDrawer } from '../components/key-drawer.tsx';
import { type KeyAction, KeyList } from '../components/key-list.tsx';
import { SecretDialog } from '../components/secret-dialog.tsx';

type Scope = 'mine' | 'all';
type Opened = { key: ApiKey; action: KeyAction } | 'new' | null;

type DialogProps = {
  opened: Opened;
  onClose: () => void;
  onSecret: (key: ApiKeyWithSecret) => void;
  onChanged: (key: ApiKey) => void;
};

function Dialog({ opened, onClose, onSecret, onChanged }: DialogProps) {
  const { id: myId } = useUser();
  if (opened === null) return null;
  if (opened === 'new') return <NewKeyDrawer onClose={onClose} onDone={onSecret} />;
  const { key, action } = opened;
  switch (action) {
    case 'edit':
      return <EditKeyDrawer apiKey={key} onClose={onClose} onDone={onChanged} />;
    case 'rotate':
      return <RotateDialog apiKey={key} onClose={onClose} onDone={onSecret} />;
    case 'revoke':
      return (
        <RevokeDialog
          apiKey={key}
          isOwn={key.user_id === myId}
          onClose={onClose}
          onDone={() => onChanged({ ...key, revoked_at: new Date().toISOString() })}
        />
      );
  }
}

type FilterProps = {
  scope: Scope;
  onScope: (scope: Scope) => void;
  personId: string | null;
  onPerson: (personId: string | null) => void;
};

/** Filters the list: your own keys, those of all users, or those of one user. For admins. */
function Filter({ scope, onScope, personId, onPerson }: FilterProps) {
  return (
    <Group mb="md">
      <SegmentedControl
        aria-label="Keys shown"
        data={[
          { value: 'mine', label: 'Mine' },
          { value: 'all', label: 'All users' },
        ]}
        value={scope}
        onChange={onScope}
      />
      {scope === 'all' && <PersonSelect userId={personId} onChange={onPerson} />}
    </Group>
  );
}

/** API keys. Admins also see the keys of other users and can revoke them. */
export function ApiKeysPage() {
  const { id: myId, role } = useUser();
  const [scope, setScope] = useState<Scope>('mine');
  const [personId, setPersonId] = useState<string | null>(null);
  const isMine = scope === 'mine';
  const canCreate = useFeature('api_keys');
  const userId = isMine ? myId : personId;
  const keys = useInfiniteQuery(apiKeysQuery(userId));
  const spendBy = useSpend('key', userId);
  const [opened, setOpened] = useState<Opened>(null);
  const [shown, setShown] = useState<ApiKeyWithSecret | null>(null);

  function changed(key: ApiKey) {
    setOpened(null);
    notify({
      color: 'brand',
      title: key.revoked_at === null ? 'Saved' : 'Revoked',
      message:
        key.revoked_at === null
          ? 'Limits apply from the next request, other changes within a minute.'
          : `“${key.name}” no longer works.`,
    });
  }

  function show(key: ApiKeyWithSecret) {
    setOpened(null);
    setShown(key);
  }

  const create = canCreate && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New key
    </Button>
  );

  return (
    <>
      <PageHeader
        title="API keys"
        actions={keys.data !== undefined && (keys.data.length > 0 || !isMine) && create}
      >
        Keys for programs that run prompts and spend from your wallet.
      </PageHeader>
      {role !== 'user' && (
        <Filter scope={scope} onScope={setScope} personId={personId} onPerson={setPersonId} />
      )}
      <MissingFeature name="api_keys" />
      {isMine && canCreate && <ClientAddress />}
      <KeyList
        query={keys}
        withUsers={!isMine}
        spendBy={spendBy}
        onAct={(key, action) => setOpened({ key, action })}
        empty={
          <EmptyState icon={<IconKey />} title="No keys yet" action={isMine && create}>
            {isMine
              ? 'With a key, the official OpenAI and Anthropic SDKs work at this address and spend from your wallet.'
              : 'Users create keys for their programs on this page.'}
          </EmptyState>
        }
      />
      <Dialog opened={opened} onClose={() => setOpened(null)} onSecret={show} onChanged={changed} />
      {shown !== null && <SecretDialog apiKey={shown} onClose={() => setShown(null)} />}
    </>
  );
}
