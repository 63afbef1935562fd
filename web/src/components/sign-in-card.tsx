import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTenant } from '../contexts/tenant-context.tsx';
import { BrandMark } from './brand-mark.tsx';

/** The frame of the pages before the session: the tenant's brand and one thing to do. */
export function SignInCard({ title, children }: { title: string; children: ReactNode }) {
  const { branding } = useTenant();
  return (
    <main className="sign-in-page">
      <Stack w="100%" maw={420} gap="lg">
        <Stack gap={4} align="center">
          <BrandMark size="lg" />
          {branding.tagline !== null && <Text c="dimmed">{branding.tagline}</Text>}
        </Stack>
        <Paper withBorder shadow="sm" p="xl" radius="lg">
          <Title order={1} size="h3" mb="md">
            {title}
          </Title>
          {children}
        </Paper>
      </Stack>
    </main>
  );
}
