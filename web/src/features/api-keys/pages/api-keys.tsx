import { Button, Group, SegmentedControl } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey, ApiKeyWithSecret } from '../../../../../contracts/api/api-keys.ts';
import { notify } from '../../../lib/notify.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { apiKeysQuery } from '../api/api-keys.ts';
import { ClientAddress } from '../components/client-address.tsx';
import { RevokeDialog, RotateDialog } from '../components/key-dialogs.tsx';
import { EditKeyDrawer, NewKeyDrawer } from '../components/key-drawer.tsx';
import { type KeyAction, KeyList } from '../components/key-list.tsx';
import { SecretDialog } from '../components/secret-dialog.tsx';

type Whose = 'mine' | 'everybodys';
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
  whose: Whose;
  onWhose: (whose: Whose) => void;
  personId: string | null;
  onPerson: (personId: string | null) => void;
};

/** Narrows the list to one's own keys, everybody's, or one person's. For admins. */
function Filter({ whose, onWhose, personId, onPerson }: FilterProps) {
  return (
    <Group mb="md">
      <SegmentedControl
        aria-label="Whose keys"
        data={[
          { value: 'mine', label: 'Mine' },
          { value: 'everybodys', label: 'Everybody’s' },
        ]}
        value={whose}
        onChange={onWhose}
      />
      {whose === 'everybodys' && <PersonSelect userId={personId} onChange={onPerson} />}
    </Group>
  );
}

/** Keys for programs. Admins see everybody's, and can revoke them. */
export function ApiKeysPage() {
  const { id: myId, role } = useUser();
  const [whose, setWhose] = useState<Whose>('mine');
  const [personId, setPersonId] = useState<string | null>(null);
  const isMine = whose === 'mine';
  const userId = isMine ? myId : personId;
  const keys = useInfiniteQuery(apiKeysQuery(userId));
  const [opened, setOpened] = useState<Opened>(null);
  const [shown, setShown] = useState<ApiKeyWithSecret | null>(null);

  function changed(key: ApiKey) {
    setOpened(null);
    notify({
      color: 'brand',
      title: key.revoked_at === null ? 'Saved' : 'Revoked',
      message:
        key.revoked_at === null
          ? 'Limits apply from the key’s next request, other changes within a minute.'
          : `“${key.name}” no longer works.`,
    });
  }

  function show(key: ApiKeyWithSecret) {
    setOpened(null);
    setShown(key);
  }

  const create = (
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
        For programs that run prompts in your name and spend from your wallet.
      </PageHeader>
      {role !== 'user' && (
        <Filter whose={whose} onWhose={setWhose} personId={personId} onPerson={setPersonId} />
      )}
      {isMine && <ClientAddress />}
      <KeyList
        query={keys}
        withOwners={!isMine}
        onAct={(key, action) => setOpened({ key, action })}
        empty={
          <EmptyState icon={<IconKey />} title="No keys yet" action={isMine && create}>
            {isMine
              ? 'With a key, the official OpenAI and Anthropic SDKs work at this address, and spend from your wallet.'
              : 'People create keys for their programs on this page.'}
          </EmptyState>
        }
      />
      <Dialog opened={opened} onClose={() => setOpened(null)} onSecret={show} onChanged={changed} />
      {shown !== null && <SecretDialog apiKey={shown} onClose={() => setShown(null)} />}
    </>
  );
}
