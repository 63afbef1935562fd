import { Group, Stack, Table, Text, Tooltip } from '@mantine/core';
import type { ExecutionReceipt } from '../../../../../contracts/api/executions.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatTime, formatTokens } from '../../../lib/format.ts';
import list from '../../../ui/data-table/list-card.module.css';
import { enforcementExplanations, enforcementNames, policySentence } from '../../policy/policy-words.ts';
import { EntryKind } from '../../wallet/components/entry-kind.tsx';
import { type ReceiptLine, receiptLines } from '../receipt-lines.ts';
import classes from './receipt.module.css';
import { DetailSection } from './section.tsx';

function Line({ line: { label, hint, tokens, isTotal } }: { line: ReceiptLine }) {
  return (
    <Table.Tr className={isTotal ? classes.total : undefined}>
      <Table.Td>
        {label}
        {hint !== null && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={list.number}>{tokens === null ? '–' : formatTokens(tokens)}</Table.Td>
    </Table.Tr>
  );
}

/** The wallet's policy when the execution started. */
function Policy({ policy }: { policy: NonNullable<ExecutionReceipt['policy']> }) {
  const { enforcement, version } = policy;
  const currency = useCurrency();
  return (
    <div>
      <Text size="xs" c="dimmed" fw={550}>
        Policy
      </Text>
      <Tooltip label={enforcementExplanations[enforcement]}>
        <Text size="sm" component="span" tabIndex={0}>
          {enforcementNames[enforcement]}, {policySentence(policy, currency)}
        </Text>
      </Tooltip>
      <Text size="xs" c="dimmed">
        As of {formatTime(new Date(version / 1_000).toISOString())}
      </Text>
    </div>
  );
}

function Entries({ entries }: { entries: ExecutionReceipt['ledger'] }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={550} mb={4}>
        Ledger entries
      </Text>
      <Stack gap={6}>
        {entries.map(({ seq, kind, available_after }) => (
          <Group key={seq} justify="space-between" gap="xs">
            <Group gap="xs">
              <EntryKind kind={kind} />
              <Text size="xs" c="dimmed" className="figure">
                Entry {formatTokens(seq)}
              </Text>
            </Group>
            <Text size="xs" className="figure">
              {formatTokens(available_after)} available
            </Text>
          </Group>
        ))}
      </Stack>
    </div>
  );
}

/** The receipt of an execution: amounts, the policy that applied, and the ledger entries. */
export function Receipt({ execution }: { execution: ExecutionReceipt }) {
  const { policy, ledger } = execution;
  return (
    <DetailSection title="Receipt">
      <Stack gap="md">
        <Table className={list.table} verticalSpacing={8} horizontalSpacing={0} aria-label="Receipt">
          <Table.Tbody>
            {receiptLines(execution).map((line) => (
              <Line key={line.label} line={line} />
            ))}
          </Table.Tbody>
        </Table>
        {policy !== null && <Policy policy={policy} />}
        {ledger.length > 0 && <Entries entries={ledger} />}
      </Stack>
    </DetailSection>
  );
}
