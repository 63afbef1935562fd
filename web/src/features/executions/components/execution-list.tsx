import { Group, Paper, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { formatDuration, formatTime, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import list from '../../../ui/data-table/list-card.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { ExecutionStatus } from './execution-status.tsx';

type ExecutionListProps = {
  items: Execution[];
  /** Names of people by id, for who sees more than their own. */
  names: Map<string, string>;
};

const durationOf = ({ created_at, finished_at }: Execution): string =>
  finished_at === null ? '–' : formatDuration(Date.parse(finished_at) - Date.parse(created_at));

const chargeOf = ({ status, tokens_charged, tokens_reserved }: Execution): string =>
  status === 'running' ? `${formatTokens(tokens_reserved)} held` : formatTokens(tokens_charged);

function ExecutionCards({ items }: ExecutionListProps) {
  return (
    <Paper withBorder component="ul" className={list.list}>
      {items.map((execution) => (
        <li key={execution.id} className={list.item}>
          <Group justify="space-between" wrap="nowrap">
            <Link to={paths.execution(execution.id)} className={list.link}>
              {execution.model}
            </Link>
            <ExecutionStatus status={execution.status} />
          </Group>
          <Group justify="space-between" wrap="nowrap" mt={6} gap="xs">
            <Text size="xs" c="dimmed">
              {formatTime(execution.created_at)}
            </Text>
            <Text size="xs" fw={600} className="figure">
              {chargeOf(execution)} tokens
            </Text>
          </Group>
        </li>
      ))}
    </Paper>
  );
}

function ExecutionTable({ items, names }: ExecutionListProps) {
  const { id: myId } = useUser();
  const withPeople = names.size > 0;
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="Executions">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Model</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>Provider</Table.Th>
              {withPeople && <Table.Th>Person</Table.Th>}
              <Table.Th>Started</Table.Th>
              <Table.Th className={list.number}>Took</Table.Th>
              <Table.Th className={list.number}>Attempts</Table.Th>
              <Table.Th className={list.number}>Tokens</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((execution) => (
              <Table.Tr key={execution.id}>
                <Table.Td>
                  <Link to={paths.execution(execution.id)} className={list.link}>
                    {execution.model}
                  </Link>
                </Table.Td>
                <Table.Td>
                  <ExecutionStatus status={execution.status} />
                </Table.Td>
                <Table.Td>{execution.provider?.name ?? '–'}</Table.Td>
                {withPeople && (
                  <Table.Td>
                    {execution.user_id === myId ? 'You' : (names.get(execution.user_id) ?? 'Somebody else')}
                  </Table.Td>
                )}
                <Table.Td className={list.nowrap}>{formatTime(execution.created_at)}</Table.Td>
                <Table.Td className={list.number}>{durationOf(execution)}</Table.Td>
                <Table.Td className={list.number}>{execution.attempts.length || '–'}</Table.Td>
                <Table.Td className={list.number}>
                  <Text size="sm" fw={600} component="span">
                    {chargeOf(execution)}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** Executions, newest first. */
export function ExecutionList(props: ExecutionListProps) {
  return useIsPhone() ? <ExecutionCards {...props} /> : <ExecutionTable {...props} />;
}
