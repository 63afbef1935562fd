import { Button, Center, Group, Stack, Text, Title } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useLocation, useNavigate, useNavigation, useRouteError } from 'react-router';
import { isFailedFetch, type PageFailure, pageFailureOf } from '../lib/page-failure.ts';

const words: Record<PageFailure, { title: string; text: string }> = {
  offline: {
    title: 'You are offline',
    text: 'This page could not be loaded. Check your connection and try again. Nothing that you entered elsewhere is lost.',
  },
  not_fetched: {
    title: 'This page could not be loaded',
    text: 'The connection may be interrupted, or the app may have been updated. Try again first. If that does not help, reload the page.',
  },
  broken: {
    title: 'Something went wrong',
    text: 'This page has a problem. Reload it. If it happens again, contact support.',
  },
};

function onConnectionChange(listener: () => void) {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/**
 * Shown when a page fails to load. Trying again fetches the page once more and keeps what the app holds, such as a conversation; a reload
 * does not, so it is offered only where it can help: after a deployment, or for a bug.
 */
export function PageError() {
  const error = useRouteError();
  const navigate = useNavigate();
  const { state } = useNavigation();
  const { pathname, search, hash } = useLocation();
  const isOnline = useSyncExternalStore(onConnectionChange, () => navigator.onLine);
  if (!isFailedFetch(error)) console.error(error);
  const failure = pageFailureOf(error, isOnline);
  const { title, text } = words[failure];
  return (
    <Center mih="60dvh" p="md">
      <Stack align="center" maw={420} ta="center" role="alert">
        <Title order={1} size="h2">
          {title}
        </Title>
        <Text c="dimmed">{text}</Text>
        <Group gap="xs" justify="center">
          {failure !== 'broken' && (
            <Button
              loading={state !== 'idle'}
              onClick={() => navigate(`${pathname}${search}${hash}`, { replace: true })}
            >
              Try again
            </Button>
          )}
          {failure !== 'offline' && (
            <Button
              variant={failure === 'broken' ? 'filled' : 'default'}
              onClick={() => window.location.reload()}
            >
              Reload
            </Button>
          )}
        </Group>
      </Stack>
    </Center>
  );
}
