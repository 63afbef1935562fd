import { Box, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePageTitle } from '../lib/use-page-title.ts';

type PageHeaderProps = { title: string; children: ReactNode; actions?: ReactNode };

/** The title of a page, a line about it, and its main actions. Sets the document's title too. */
export function PageHeader({ title, children, actions }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <Group justify="space-between" align="end" mb="lg" gap="sm">
      <Box>
        <Title order={1} lts="-0.02em">
          {title}
        </Title>
        <Text c="dimmed" size="sm" mt={2} component="div">
          {children}
        </Text>
      </Box>
      {actions}
    </Group>
  );
}
