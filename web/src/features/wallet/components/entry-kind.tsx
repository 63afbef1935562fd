import { Badge } from '@mantine/core';
import type { LedgerItem } from '../../../../../contracts/api/wallet.ts';
import tones from '../../../ui/tones.module.css';

const looks = {
  allocation: { label: 'Allocation', tone: 'good' },
  credit: { label: 'Credit', tone: 'good' },
  reserve: { label: 'Held', tone: 'plain' },
  debit: { label: 'Charged', tone: 'info' },
  release: { label: 'Released', tone: 'plain' },
  expiry: { label: 'Hold expired', tone: 'warn' },
  adjustment: { label: 'Adjustment', tone: 'warn' },
  rollover: { label: 'Month closed', tone: 'warn' },
} as const;

/** The kind of a ledger entry. */
export function EntryKind({ kind }: { kind: LedgerItem['kind'] }) {
  const { label, tone } = looks[kind];
  return <Badge className={tones[tone]}>{label}</Badge>;
}
