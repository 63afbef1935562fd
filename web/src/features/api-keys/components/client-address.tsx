import { Anchor, Group, Paper, Text } from '@mantine/core';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { Copyable } from '../../../ui/copyable.tsx';

function Address({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <Copyable value={value} label={`Copy the ${label.toLowerCase()}`} />
    </div>
  );
}

/** The base URLs of this tenant for OpenAI and Anthropic clients. */
export function ClientAddress() {
  const { origin } = window.location;
  return (
    <Paper withBorder px="md" py="sm" mb="md">
      <Group justify="space-between" gap="sm">
        <Group gap="xl" style={{ rowGap: 6 }}>
          <Address label="Base URL for OpenAI clients" value={`${origin}/v1`} />
          <Address label="Base URL for Anthropic clients" value={origin} />
        </Group>
        <Anchor component={Link} to={paths.apiReference} size="sm" underline="always">
          API reference
        </Anchor>
      </Group>
    </Paper>
  );
}
