import { Button, Center, Stack, Text, Title } from '@mantine/core';
import { useRouteError } from 'react-router';

/** A page broke. A reload also fetches the newest build, which is what a missing chunk after a deployment needs. */
export function PageError() {
  const error = useRouteError();
  console.error(error);
  return (
    <Center mih="60dvh" p="md">
      <Stack align="center" maw={420} ta="center">
        <Title order={1} size="h2">
          This page did not load
        </Title>
        <Text c="dimmed">It may have been updated while you had it open. Reloading usually helps.</Text>
        <Button onClick={() => window.location.reload()}>Reload</Button>
      </Stack>
    </Center>
  );
}
