import { Button, Center, Stack, Text, Title } from '@mantine/core';
import { useRouteError } from 'react-router';

/** Shown when a page fails to load. A reload fetches the newest build, which fixes a missing chunk after a deployment. */
export function PageError() {
  const error = useRouteError();
  console.error(error);
  return (
    <Center mih="60dvh" p="md">
      <Stack align="center" maw={420} ta="center">
        <Title order={1} size="h2">
          This page did not load
        </Title>
        <Text c="dimmed">The app may have been updated while it was open. Reload the page.</Text>
        <Button onClick={() => window.location.reload()}>Reload</Button>
      </Stack>
    </Center>
  );
}
