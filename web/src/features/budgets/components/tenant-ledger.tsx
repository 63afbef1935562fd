import { Badge, Group, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { TenantLedgerItem } from '../../../../../contracts/api/tenant/budgets.ts';
import { catchUpMs, useChangedAt } from '../../../lib/catch-up.ts';
import { formatMicroUsd, formatTime, sentenceList } from '../../../lib/format.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import tones from '../../../ui/tones.module.css';
import { tenantLedgerQuery } from '../api/budgets.ts';
import { kindNames } from '../budget-words.ts';

const kindTones: Record<TenantLedgerItem['kind'], keyof typeof tones> = {
  allocation: 'good',
  credit: 'good',
  reserve: 'plain',
  debit: 'info',
  release: 'plain',
  expiry: 'warn',
  adjustment: 'warn',
  rollover: 'warn',
};

const Kind = ({ kind }: TenantLedgerItem) => (
  <Badge className={tones[kindTones[kind]]}>{kindNames[kind]}</Badge>
);

const hasReason = ({ reason, reference }: TenantLedgerItem) => reason !== null || reference !== null;

const Reason = ({ reason, reference }: TenantLedgerItem) => (
  <Text size="xs" c="dimmed" mt={2} lineClamp={2}>
    {[reason, reference].filter((text) => text !== null).join(' · ')}
  </Text>
);

const hasRemarks = ({ thresholds_crossed, overage_micro_usd }: TenantLedgerItem) =>
  thresholds_crossed.length > 0 || overage_micro_usd > 0;

const Remarks = ({ thresholds_crossed, overage_micro_usd }: TenantLedgerItem) => (
  <Group gap={4} mt={4}>
    {thresholds_crossed.length > 0 && (
      <Badge className={tones.warn}>
        {sentenceList(thresholds_crossed.map((percent) => `${percent} %`))} used
      </Badge>
    )}
    {overage_micro_usd > 0 && (
      <Badge className={tones.bad}>{formatMicroUsd(overage_micro_usd)} overage</Badge>
    )}
  </Group>
);

const signed = (microUsd: number) =>
  microUsd === 0 ? '–' : `${microUsd > 0 ? '+' : '−'}${formatMicroUsd(Math.abs(microUsd))}`;

const columns: Column<TenantLedgerItem>[] = [
  {
    id: 'entry',
    header: 'Entry',
    cell: (item) => (
      <>
        <Kind {...item} />
        {hasReason(item) && <Reason {...item} />}
        {hasRemarks(item) && <Remarks {...item} />}
      </>
    ),
    widthMax: 240,
    card: [
      { at: 'title', cell: (item) => <Kind {...item} /> },
      { at: 'body', cell: (item) => hasReason(item) && <Reason {...item} /> },
      { at: 'body', cell: (item) => hasRemarks(item) && <Remarks {...item} /> },
    ],
  },
  {
    id: 'at',
    header: 'When',
    cell: ({ at }) => (
      <Text size="sm" className={list.nowrap}>
        {formatTime(at)}
      </Text>
    ),
    card: [{ at: 'foot', cell: ({ at }) => formatTime(at) }],
  },
  {
    id: 'amount',
    header: 'Amount',
    cell: ({ amount_micro_usd }) => formatMicroUsd(amount_micro_usd),
    isNumeric: true,
    card: [
      {
        at: 'corner',
        cell: ({ amount_micro_usd }) => (
          <Text fw={650} className="figure">
            {formatMicroUsd(amount_micro_usd)}
          </Text>
        ),
      },
    ],
  },
  {
    id: 'balance',
    header: 'Balance',
    cell: ({ balance_delta_micro_usd }) => signed(balance_delta_micro_usd),
    isNumeric: true,
    card: [],
  },
  {
    id: 'leased',
    header: 'Leased',
    cell: ({ leased_delta_micro_usd }) => signed(leased_delta_micro_usd),
    isNumeric: true,
    card: [],
  },
  {
    id: 'after',
    header: 'Balance after',
    cell: ({ balance_after_micro_usd }) => (
      <Text size="sm" fw={600} component="span">
        {formatMicroUsd(balance_after_micro_usd)}
      </Text>
    ),
    isNumeric: true,
    card: [
      {
        at: 'foot',
        cell: ({ balance_after_micro_usd }) => `${formatMicroUsd(balance_after_micro_usd)} left`,
      },
    ],
  },
];

type TenantLedgerProps = {
  tenantId: string;
  /** The number of the newest entry. The list is read again until it has it. */
  walletSeq: number;
};

/** The entries of a tenant's ledger, newest first. */
export function TenantLedger({ tenantId, walletSeq }: TenantLedgerProps) {
  const changedAt = useChangedAt(walletSeq);
  const query = useInfiniteQuery({
    ...tenantLedgerQuery(tenantId),
    refetchInterval: ({ state }) =>
      (state.data?.pages[0]?.items[0]?.seq ?? 0) < walletSeq && catchUpMs(Date.now() - changedAt),
  });
  return (
    <DataTable
      label="Ledger of the budget"
      query={query}
      columns={columns}
      keyOf={({ seq }) => String(seq)}
      empty={
        <Text c="dimmed" size="sm" py="lg" ta="center">
          No entries yet.
        </Text>
      }
      widthMin={760}
    />
  );
}
