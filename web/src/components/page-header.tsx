import { Box, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** The head of a page: what it is, in one line, and its main actions. */
export function PageHeader({
  title,
  children,
  actions,
}: {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <Group justify="space-between" align="end" mb="lg">
      <Box>
        <Title order={1} size="h2">
          {title}
        </Title>
        <Text c="dimmed">{children}</Text>
      </Box>
      {actions}
    </Group>
  );
}
