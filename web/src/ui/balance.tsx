import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './balance.module.css';

type BalanceProps = {
  title: string;
  /** The free amount, formatted. */
  amount: string;
  /** The rule for what the balance does not cover. */
  rule: string;
  /** The share that is free and the share that is held, of everything, as numbers with one unit. */
  shares: { free: number; held: number; all: number };
  /** The shares in words. */
  label: string;
  children: ReactNode;
};

/** The free part of a balance: the figure, and a bar of its share. */
export function Balance({ title, amount, rule, shares, label, children }: BalanceProps) {
  const width = (part: number) => ({ width: `${Math.min(100, (100 * part) / Math.max(1, shares.all))}%` });
  return (
    <Paper withBorder p={{ base: 'md', sm: 'xl' }}>
      <Stack gap="md">
        <Group justify="space-between" align="start">
          <div>
            <Text size="sm" c="dimmed" fw={550}>
              {title}
            </Text>
            <Text className={classes.big} component="p" m={0}>
              {amount}
            </Text>
          </div>
          <Badge variant="light" color="gray">
            {rule}
          </Badge>
        </Group>
        <div className={classes.bar} role="img" aria-label={label}>
          <div className={classes.available} style={width(shares.free)} />
          {shares.held > 0 && <div className={classes.held} style={width(shares.held)} />}
        </div>
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      </Stack>
    </Paper>
  );
}

/** One figure beside others. */
export function Figure({ label, value, hint }: { label: string; value: string; hint: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <Text fz="1.25rem" fw={650} className="figure" lts="-0.01em">
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Paper>
  );
}
