import { Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { ReactNode } from 'react';

type EmptyStateProps = {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  action?: ReactNode;
  isPage?: boolean;
};

/** Shown in place of missing content, with the reason and an action. */
export function EmptyState({ icon, title, children, action, isPage = false }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm" ta="center" py="lg">
        <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
          {icon}
        </ThemeIcon>
        <Title order={isPage ? 1 : 2} size="h2">
          {title}
        </Title>
        <Text c="dimmed" size="sm" maw={400}>
          {children}
        </Text>
        {action}
      </Stack>
    </Paper>
  );
}
