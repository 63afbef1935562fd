import { Group, Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

type SectionProps = { title: string; children: ReactNode; actions?: ReactNode };

/** One titled part of an execution's page. */
export function DetailSection({ title, children, actions }: SectionProps) {
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section">
      <Group justify="space-between" mb="md" gap="xs">
        <Title order={2}>{title}</Title>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}
