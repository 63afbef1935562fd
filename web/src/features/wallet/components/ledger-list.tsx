import { Anchor, Badge, Group, Paper, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { Link } from 'react-router';
import type { LedgerItem } from '../../../../../contracts/api/wallet.ts';
import { formatSigned, formatTime, formatTokens, listOf } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import list from '../../../ui/data-table/list-card.module.css';
import tones from '../../../ui/tones.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { EntryKind } from './entry-kind.tsx';

/** The one figure of an entry where there is room for one: what it gave or took, else what it held or let go. */
function mainFigure({ monthly_delta, lifetime_delta, reserved_delta }: LedgerItem): string {
  const given = monthly_delta + lifetime_delta;
  if (given !== 0 || reserved_delta === 0) return formatSigned(given);
  return reserved_delta > 0
    ? `${formatTokens(reserved_delta)} held`
    : `${formatTokens(-reserved_delta)} let go`;
}

const deltaOrDash = (delta: number) => (delta === 0 ? '–' : formatSigned(delta));

function ExecutionLink({ id }: { id: string | null }) {
  if (id === null) return null;
  return (
    <Anchor component={Link} to={paths.execution(id)} size="sm" underline="always">
      Execution <VisuallyHidden>{id}</VisuallyHidden>
    </Anchor>
  );
}

function Why({ item }: { item: LedgerItem }) {
  if (item.reason === null && item.reference === null) return null;
  return (
    <Text size="xs" c="dimmed" mt={2} lineClamp={2}>
      {[item.reason, item.reference].filter((text) => text !== null).join(' · ')}
    </Text>
  );
}

/** What an entry is remarkable for: thresholds it was the first to reach, tokens it was short of or left uncovered. */
function Remarks({ item }: { item: LedgerItem }) {
  const { thresholds_crossed, shortfall, overage } = item;
  const crossed = thresholds_crossed.map((percent) => `${percent} %`);
  return (
    <Group gap={4} mt={thresholds_crossed.length > 0 || shortfall !== null || overage > 0 ? 4 : 0}>
      {crossed.length > 0 && <Badge className={tones.warn}>{listOf(crossed)} used</Badge>}
      {shortfall !== null && (
        <Tooltip label="With a hard limit this run would have been refused">
          <Badge className={tones.warn} tabIndex={0}>
            {formatTokens(shortfall)} short
          </Badge>
        </Tooltip>
      )}
      {overage > 0 && <Badge className={tones.bad}>{formatTokens(overage)} overage</Badge>}
    </Group>
  );
}

function LedgerCards({ items }: { items: LedgerItem[] }) {
  return (
    <Paper withBorder component="ul" className={list.list}>
      {items.map((item) => (
        <li key={item.seq} className={list.item}>
          <Group justify="space-between" wrap="nowrap">
            <EntryKind kind={item.kind} />
            <Text fw={650} className="figure">
              {mainFigure(item)}
            </Text>
          </Group>
          <Group justify="space-between" wrap="nowrap" mt={6} gap="xs">
            <Text size="xs" c="dimmed">
              {formatTime(item.at)}
            </Text>
            <Text size="xs" c="dimmed" className="figure">
              {formatTokens(item.available_after)} left
            </Text>
          </Group>
          <Why item={item} />
          <Remarks item={item} />
          <ExecutionLink id={item.execution_id} />
        </li>
      ))}
    </Paper>
  );
}

function LedgerTable({ items }: { items: LedgerItem[] }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={860} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="Ledger">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Entry</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th className={list.number}>Amount</Table.Th>
              <Table.Th className={list.number}>Monthly</Table.Th>
              <Table.Th className={list.number}>Lifetime</Table.Th>
              <Table.Th className={list.number}>Held</Table.Th>
              <Table.Th className={list.number}>Available after</Table.Th>
              <Table.Th>
                <VisuallyHidden>Execution</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Table.Tr key={item.seq}>
                <Table.Td maw={220}>
                  <EntryKind kind={item.kind} />
                  <Why item={item} />
                  <Remarks item={item} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm" className={list.nowrap}>
                    {formatTime(item.at)}
                  </Text>
                </Table.Td>
                <Table.Td className={list.number}>{formatTokens(item.amount)}</Table.Td>
                <Table.Td className={list.number}>{deltaOrDash(item.monthly_delta)}</Table.Td>
                <Table.Td className={list.number}>{deltaOrDash(item.lifetime_delta)}</Table.Td>
                <Table.Td className={list.number}>{deltaOrDash(item.reserved_delta)}</Table.Td>
                <Table.Td className={list.number}>
                  <Text size="sm" fw={600} component="span">
                    {formatTokens(item.available_after)}
                  </Text>
                </Table.Td>
                <Table.Td className={list.number}>
                  <ExecutionLink id={item.execution_id} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** Every change of the wallet, newest first. */
export function LedgerList({ items }: { items: LedgerItem[] }) {
  return useIsPhone() ? <LedgerCards items={items} /> : <LedgerTable items={items} />;
}
