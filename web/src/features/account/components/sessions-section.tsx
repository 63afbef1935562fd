import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Session } from '../../../../../contracts/api/account/sessions.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { useAuth } from '../../auth/auth-context.tsx';
import { endSession, sessionsQuery } from '../api/account.ts';
import { deviceOf } from '../device.ts';
import { AccountSection } from './account-form.tsx';

function SessionRow({ session }: { session: Session }) {
  const { id, agent, address, created_at, last_used_at, is_current } = session;
  const { mutate, isPending, error } = useMutation(endSession(id));
  const device = deviceOf(agent);
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap="xs">
            <Text size="sm" fw={550}>
              {device}
            </Text>
            {is_current && <Badge variant="light">This browser</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            {address} · signed in {formatTimeShort(created_at)} · last used {formatTimeShort(last_used_at)}
          </Text>
          {error !== null && <ErrorAlert error={error} />}
        </div>
        {!is_current && (
          <Button
            size="xs"
            variant="default"
            loading={isPending}
            aria-label={`Sign out ${device}, signed in ${formatTimeShort(created_at)}`}
            onClick={() =>
              mutate(undefined, {
                onSuccess: () =>
                  notify({ color: 'brand', title: 'Signed out', message: `${device} is signed out.` }),
              })
            }
          >
            Sign out
          </Button>
        )}
      </Group>
    </li>
  );
}

function EverywhereDialog({ onClose }: { onClose: () => void }) {
  const { logOut } = useAuth();
  return (
    <ConfirmDialog
      title="Sign out everywhere?"
      action="Sign out everywhere"
      mutation={{ mutationFn: () => logOut('everywhere') }}
      onClose={onClose}
      onDone={onClose}
    >
      Every browser and program is signed out, this one included. API keys go on working.
    </ConfirmDialog>
  );
}

/** The places where the account is signed in, each with a way to end it. */
export function SessionsSection() {
  const sessions = useInfiniteQuery(sessionsQuery);
  const [isAsking, setIsAsking] = useState(false);
  return (
    <AccountSection
      title="Where you are signed in"
      about="Sign out what you do not know, and change your password then."
    >
      <Stack>
        {sessions.isPending && <ListLoading />}
        {sessions.error !== null && <ErrorAlert error={sessions.error} />}
        <Stack component="ul" gap="md" m={0} p={0} style={{ listStyle: 'none' }}>
          {sessions.data?.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </Stack>
        <Group>
          {sessions.hasNextPage && (
            <Button
              variant="default"
              loading={sessions.isFetchingNextPage}
              onClick={() => void sessions.fetchNextPage()}
            >
              Show more
            </Button>
          )}
          <Button variant="default" onClick={() => setIsAsking(true)}>
            Sign out everywhere
          </Button>
        </Group>
      </Stack>
      {isAsking && <EverywhereDialog onClose={() => setIsAsking(false)} />}
    </AccountSection>
  );
}
