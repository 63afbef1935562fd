import { Alert, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type {
  ReconciliationReport,
  TenantReconciliationReport,
} from '../../../../../contracts/api/reconciliation.ts';
import type { Difference } from '../../../../../contracts/wallet/reconciliation.ts';
import { formatTokens, sentence } from '../../../lib/format.ts';
import list from '../../../ui/data-table/list-card.module.css';
import { detailOf, statusExplanations, titleOf } from '../difference-words.ts';
import { ReconciliationBadge } from './reconciliation-status.tsx';

const figureNames = [
  'monthly',
  'lifetime',
  'reserved',
  'consumed',
  'expired',
  'overage',
  'granted',
  'in_flight',
] as const;

function Figures({ figures }: Pick<ReconciliationReport, 'figures'>) {
  const { wallet, ledger, executions_charged } = figures;
  return (
    <Table className={list.table} verticalSpacing={6} horizontalSpacing={0} aria-label="Figures compared">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Figure</Table.Th>
          <Table.Th className={list.number}>Wallet</Table.Th>
          <Table.Th className={list.number}>Ledger</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {figureNames.map((name) => {
          const differs = wallet[name] !== ledger[name];
          const color = differs ? 'var(--mantine-color-error)' : undefined;
          return (
            <Table.Tr key={name}>
              <Table.Td>
                {sentence(name)}
                {differs && (
                  <Text size="xs" c="var(--mantine-color-error)">
                    {formatTokens(Math.abs(wallet[name] - ledger[name]))} apart
                  </Text>
                )}
              </Table.Td>
              <Table.Td className={list.number} {...(color === undefined ? {} : { c: color })}>
                {formatTokens(wallet[name])}
              </Table.Td>
              <Table.Td className={list.number} {...(color === undefined ? {} : { c: color })}>
                {formatTokens(ledger[name])}
              </Table.Td>
            </Table.Tr>
          );
        })}
        <Table.Tr>
          <Table.Td>Charged to executions</Table.Td>
          <Table.Td className={list.number}>{formatTokens(wallet.consumed + wallet.overage)}</Table.Td>
          <Table.Td className={list.number}>{formatTokens(executions_charged)}</Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}

const placeOf = ({ kind, seq }: Difference): string =>
  `${kind.replaceAll('_', ' ')}${seq === null ? '' : ` at entry ${formatTokens(seq)}`}`;

/** The differences, in words. */
export function Differences({ differences }: { differences: Difference[] }) {
  if (differences.length === 0) return null;
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={differences.length === 1 ? 'One difference' : `${differences.length} differences`}
      styles={{ title: { color: 'var(--mantine-color-error)' } }}
    >
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {differences.map((difference) => (
          <li key={JSON.stringify(difference)}>
            <Text size="sm" fw={600}>
              {titleOf(difference)}
            </Text>
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {detailOf(difference)}
            </Text>
          </li>
        ))}
      </Stack>
    </Alert>
  );
}

type ReportViewProps = { report: ReconciliationReport | TenantReconciliationReport };

/** The report of one check: status, differences and the figures side by side. */
export function ReportView({ report }: ReportViewProps) {
  const { reconciliation, entries_verified, figures } = report;
  return (
    <Stack>
      <div>
        <ReconciliationBadge status={reconciliation.status} />
        <Text size="sm" mt={6}>
          {statusExplanations[reconciliation.status]}
        </Text>
        <Text size="xs" c="dimmed" mt={2} className="figure">
          {entries_verified === 0
            ? 'No new entries'
            : `${formatTokens(entries_verified)} verified in this check`}
          , {formatTokens(reconciliation.verified_seq)} of {formatTokens(reconciliation.wallet_seq)} in total.
        </Text>
      </div>
      <Differences differences={reconciliation.differences} />
      {reconciliation.acknowledged.length > 0 && (
        <Text size="xs" c="dimmed">
          Repaired or acknowledged up to entry {formatTokens(reconciliation.repaired_through_seq)}:{' '}
          {reconciliation.acknowledged.map(placeOf).join('; ')}.
        </Text>
      )}
      <Figures figures={figures} />
    </Stack>
  );
}
