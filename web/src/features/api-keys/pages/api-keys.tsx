import { Button, Group, SegmentedControl } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { ApiKey, ApiKeyWithSecret } from '../../../../../contracts/api/api-keys.ts';
import { notify } from '../../../lib/notify.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { fetchApiKeys } from '../api/api-keys.ts';
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

/** Whose keys are listed, for who may see those of others. */
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

/** Keys for programs. Admins may look at everybody's, and revoke them. */
export function ApiKeysPage() {
  const { id: myId, role } = useUser();
  const [whose, setWhose] = useState<Whose>('mine');
  const [personId, setPersonId] = useState<string | null>(null);
  const isMine = whose === 'mine';
  const userId = isMine ? myId : personId;
  const pages = usePages(useCallback((cursor) => fetchApiKeys(cursor, userId), [userId]));
  const [opened, setOpened] = useState<Opened>(null);
  const [shown, setShown] = useState<ApiKeyWithSecret | null>(null);
  const { items } = pages;

  function changed(key: ApiKey) {
    setOpened(null);
    pages.change((known) => (known.id === key.id ? key : known));
    notify({
      color: 'brand',
      title: key.revoked_at === null ? 'Saved' : 'Revoked',
      message:
        key.revoked_at === null
          ? 'Limits hold from the key’s next request on, the rest within a minute.'
          : `“${key.name}” opens nothing any more.`,
    });
  }

  function show(key: ApiKeyWithSecret) {
    setOpened(null);
    setShown(key);
    pages.reload();
  }

  const create = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New key
    </Button>
  );

  return (
    <>
      <PageHeader title="API keys" actions={items !== null && (items.length > 0 || !isMine) && create}>
        For programs that run prompts in your name, from your wallet.
      </PageHeader>
      {role !== 'user' && (
        <Filter whose={whose} onWhose={setWhose} personId={personId} onPerson={setPersonId} />
      )}
      {isMine && <ClientAddress />}
      {pages.error !== null && <ErrorAlert error={pages.error} onRetry={pages.reload} />}
      {items === null && pages.error === null && <ListLoading />}
      {items?.length === 0 && (
        <EmptyState icon={<IconKey />} title="No keys yet" action={isMine && create}>
          {isMine
            ? 'With a key, the official OpenAI and Anthropic SDKs work at this address, and spend from your wallet.'
            : 'People make keys for their programs on this page.'}
        </EmptyState>
      )}
      {items !== null && items.length > 0 && (
        <KeyList items={items} withPeople={!isMine} onAct={(key, action) => setOpened({ key, action })} />
      )}
      <ListEnd pages={pages} />
      <Dialog opened={opened} onClose={() => setOpened(null)} onSecret={show} onChanged={changed} />
      {shown !== null && <SecretDialog apiKey={shown} onClose={() => setShown(null)} />}
    </>
  );
}
