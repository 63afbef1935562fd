import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SignInProvider } from '../../../../../contracts/api/account/sign-in.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import tones from '../../../ui/tones.module.css';
import { deleteSignInProvider, signInProvidersQuery } from '../api/sign-in-providers.ts';
import { EditSignInProviderDrawer, NewSignInProviderDrawer } from './sign-in-provider-drawer.tsx';

type Open = { what: 'new' } | { what: 'edit' | 'delete'; provider: SignInProvider } | null;

const peopleOf = ({ identity_count }: SignInProvider): string =>
  identity_count === 1 ? '1 person has signed in with it' : `${identity_count} people have signed in with it`;

function ProviderRow({ provider, onOpen }: { provider: SignInProvider; onOpen: (open: Open) => void }) {
  const { name, issuer, enabled } = provider;
  return (
    <li>
      <Group justify="space-between" align="flex-start">
        <div>
          <Group gap="xs">
            <Text fw={550}>{name}</Text>
            {!enabled && <Badge className={tones.plain}>Disabled</Badge>}
          </Group>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {issuer} · {peopleOf(provider)}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            aria-label={`Edit ${name}`}
            onClick={() => onOpen({ what: 'edit', provider })}
          >
            Edit
          </Button>
          <Button
            size="xs"
            variant="default"
            aria-label={`Delete ${name}`}
            onClick={() => onOpen({ what: 'delete', provider })}
          >
            Delete
          </Button>
        </Group>
      </Group>
    </li>
  );
}

function Dialogs({ open, onOpen }: { open: Open; onOpen: (open: Open) => void }) {
  const done = (message: string) => {
    onOpen(null);
    notify({ color: 'brand', title: 'Saved', message });
  };
  const close = () => onOpen(null);
  if (open === null) return null;
  if (open.what === 'new')
    return (
      <NewSignInProviderDrawer
        onClose={close}
        onDone={({ name }) => done(`The sign-in page offers ${name} within a minute.`)}
      />
    );
  const { provider } = open;
  if (open.what === 'edit')
    return (
      <EditSignInProviderDrawer
        provider={provider}
        onClose={close}
        onDone={({ name }) => done(`${name} is changed.`)}
      />
    );
  return (
    <ConfirmDialog
      title={`Delete ${provider.name}?`}
      action="Delete"
      isGrave
      mutation={deleteSignInProvider(provider.id)}
      onClose={close}
      onDone={() => done(`${provider.name} is deleted.`)}
    >
      Nobody can sign in with it any more. A provider that somebody has signed in with can be disabled only.
    </ConfirmDialog>
  );
}

/** The identity providers of the tenant: a part of its settings. */
export function SignInSettings() {
  const { data: providers, error, refetch } = useQuery(signInProvidersQuery);
  const [open, setOpen] = useState<Open>(null);
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby="settings-sign-in">
      <Title order={2} id="settings-sign-in">
        Sign-in
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Google, or your own identity provider, beside passwords.
      </Text>
      <Stack>
        {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
        {providers === undefined && error === null && <ListLoading />}
        {providers?.length === 0 && <Text size="sm">People sign in with their password alone.</Text>}
        {providers !== undefined && providers.length > 0 && (
          <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
            {providers.map((provider) => (
              <ProviderRow key={provider.id} provider={provider} onOpen={setOpen} />
            ))}
          </Stack>
        )}
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={17} aria-hidden />}
            onClick={() => setOpen({ what: 'new' })}
          >
            Add an identity provider
          </Button>
        </Group>
      </Stack>
      <Dialogs open={open} onOpen={setOpen} />
    </Paper>
  );
}
