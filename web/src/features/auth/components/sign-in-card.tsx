import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowsShuffle, IconReceipt2, IconShieldCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { usePageTitle } from '../../../lib/use-page-title.ts';
import { BrandMark } from '../../../ui/brand-mark.tsx';
import { ColorSchemeToggle } from '../../../ui/color-scheme-toggle.tsx';
import classes from './sign-in-card.module.css';

const promises = [
  { icon: IconArrowsShuffle, text: 'Every model in one place, with automatic failover' },
  { icon: IconReceipt2, text: 'Every charge recorded in a ledger that cannot be edited' },
  { icon: IconShieldCheck, text: 'Hard limits, so your spending stays predictable' },
];

function BrandPanel() {
  const { branding } = useTenant();
  return (
    <aside className={classes.brand} aria-label={`About ${branding.name}`}>
      <p className={classes.headline}>{branding.tagline ?? `Welcome to ${branding.name}`}</p>
      <ul className={classes.promises}>
        {promises.map(({ icon: Icon, text }) => (
          <li key={text} className={classes.promise}>
            <Icon size={20} stroke={1.7} aria-hidden />
            {text}
          </li>
        ))}
      </ul>
    </aside>
  );
}

type SignInCardProps = { title: string; subtitle: string; children: ReactNode };

/** The frame of the login and registration pages, with the tenant's brand. */
export function SignInCard({ title, subtitle, children }: SignInCardProps) {
  usePageTitle(title);
  return (
    <div className={classes.page}>
      <BrandPanel />
      <main className={classes.form}>
        <Stack w="100%" maw={380} gap="xl">
          <Group justify="space-between" wrap="nowrap">
            <BrandMark size="lg" />
            <ColorSchemeToggle />
          </Group>
          <Box>
            <Title order={1} lts="-0.02em">
              {title}
            </Title>
            <Text c="dimmed" size="sm" mt={4}>
              {subtitle}
            </Text>
          </Box>
          {children}
        </Stack>
      </main>
    </div>
  );
}
