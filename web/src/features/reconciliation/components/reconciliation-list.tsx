import { Button, Group, Paper, Table, Text, VisuallyHidden } from '@mantine/core';
import { Link } from 'react-router';
import type { Reconciliation } from '../../../../../contracts/api/reconciliation.ts';
import { formatTime, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import list from '../../../ui/data-table/list-card.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { ReconciliationStatus } from './reconciliation-status.tsx';

type ReconciliationListProps = { items: Reconciliation[]; onOpen: (item: Reconciliation) => void };

const provedOf = ({ verified_seq, wallet_seq }: Reconciliation): string =>
  verified_seq === wallet_seq
    ? `all ${formatTokens(wallet_seq)}`
    : `${formatTokens(verified_seq)} of ${formatTokens(wallet_seq)}`;

const Person = ({ item }: { item: Reconciliation }) => (
  <Link to={paths.user(item.user_id)} className={`${list.link} ${list.clamped}`}>
    {item.user_email}
  </Link>
);

const Check = ({ item, onOpen }: { item: Reconciliation; onOpen: ReconciliationListProps['onOpen'] }) => (
  <Button size="xs" variant="default" onClick={() => onOpen(item)}>
    Check<VisuallyHidden> the wallet of {item.user_email}</VisuallyHidden>
  </Button>
);

function ReconciliationCards({ items, onOpen }: ReconciliationListProps) {
  return (
    <Paper withBorder component="ul" className={list.list}>
      {items.map((item) => (
        <li key={item.user_id} className={list.item}>
          <Group justify="space-between" wrap="nowrap">
            <Person item={item} />
            <ReconciliationStatus status={item.status} />
          </Group>
          <Group justify="space-between" wrap="nowrap" mt={6}>
            <div>
              <Text size="xs" c="dimmed">
                {formatTime(item.checked_at)}
              </Text>
              <Text size="xs" c="dimmed" className="figure">
                Proved: {provedOf(item)} entries
              </Text>
            </div>
            <Check item={item} onOpen={onOpen} />
          </Group>
        </li>
      ))}
    </Paper>
  );
}

function ReconciliationTable({ items, onOpen }: ReconciliationListProps) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="Wallets">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Person</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th className={list.number}>Entries proved</Table.Th>
              <Table.Th className={list.number}>Differences</Table.Th>
              <Table.Th>Last checked</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Table.Tr key={item.user_id}>
                <Table.Td maw={280}>
                  <Person item={item} />
                </Table.Td>
                <Table.Td>
                  <ReconciliationStatus status={item.status} />
                </Table.Td>
                <Table.Td className={list.number}>{provedOf(item)}</Table.Td>
                <Table.Td className={list.number}>{item.differences.length || '–'}</Table.Td>
                <Table.Td className={list.nowrap}>{formatTime(item.checked_at)}</Table.Td>
                <Table.Td className={list.number}>
                  <Check item={item} onOpen={onOpen} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** Wallets, as they stood when each was last checked. */
export function ReconciliationList(props: ReconciliationListProps) {
  return useIsPhone() ? <ReconciliationCards {...props} /> : <ReconciliationTable {...props} />;
}
