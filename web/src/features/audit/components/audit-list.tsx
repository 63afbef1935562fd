import { Badge, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { AuditEntry, PlatformAuditEntry } from '../../../../../contracts/api/tenant/audit.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import tones from '../../../ui/tones.module.css';
import { levelsQuery } from '../../levels/api/levels.ts';
import { actorOf, changesOf, titleOf } from '../audit-words.ts';

function Changes({ entry }: { entry: AuditEntry }) {
  const { data: levels = [] } = useQuery(levelsQuery);
  const names = new Map(levels.map(({ id, name }) => [id, name]));
  return (
    <div>
      {changesOf(entry, names).map(({ field, before, after }) => (
        <Text key={field} size="sm" style={{ overflowWrap: 'anywhere' }}>
          <Text span c="dimmed">
            {field}:
          </Text>{' '}
          {before !== null && `from ${before} to `}
          {after}
        </Text>
      ))}
      {entry.client !== null && (
        <Text size="sm" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
          {entry.client.agent === null
            ? entry.client.address
            : `${entry.client.address}, ${entry.client.agent}`}
        </Text>
      )}
    </div>
  );
}

function Target({ target_user, target_level }: AuditEntry) {
  if (target_user !== null)
    return (
      <Link to={paths.user(target_user.id)} className={`${list.link} ${list.clamped}`}>
        {nameOf(target_user)}
      </Link>
    );
  return target_level === null ? null : <Text size="sm">{target_level.name}</Text>;
}

const Action = ({ entry, withTarget }: { entry: AuditEntry; withTarget: boolean }) => (
  <div>
    <Group gap={6}>
      <Text size="sm" fw={550} component="span">
        {titleOf(entry)}
      </Text>
      {entry.self_made && <Badge className={tones.warn}>Self-made</Badge>}
    </Group>
    {withTarget && <Target {...entry} />}
  </div>
);

const columnsFor = (withTarget: boolean): Column<AuditEntry>[] => [
  {
    id: 'action',
    header: 'Action',
    cell: (entry) => <Action entry={entry} withTarget={withTarget} />,
    widthMax: 280,
    card: 'title',
  },
  {
    id: 'changes',
    header: 'Change',
    cell: (entry) => <Changes entry={entry} />,
    widthMax: 360,
    card: 'body',
  },
  {
    id: 'actor',
    header: 'By',
    cell: (entry) => (
      <Text size="sm" lineClamp={1}>
        {actorOf(entry)}
      </Text>
    ),
    widthMax: 160,
    card: [{ at: 'foot', cell: (entry) => `By ${actorOf(entry)}` }],
  },
  { id: 'at', header: 'Time', cell: ({ at }) => formatTimeShort(at), isOneLine: true, card: 'foot' },
];

const columns = columnsFor(true);
const platformColumns: Column<PlatformAuditEntry>[] = [
  {
    id: 'tenant',
    header: 'Tenant',
    cell: ({ tenant }) => (
      <Link to={paths.tenant(tenant.id)} className={`${list.link} ${list.clamped}`}>
        {tenant.name}
      </Link>
    ),
    widthMax: 160,
    card: 'body',
  },
  ...columnsFor(true),
];
const columnsOfTarget = columnsFor(false);

/** The entries of all tenants, each with its tenant. */
export function PlatformAuditList({
  query,
  empty,
}: {
  query: RowsQuery<PlatformAuditEntry>;
  empty: ReactNode;
}) {
  return (
    <DataTable
      label="Audit log of all tenants"
      query={query}
      columns={platformColumns}
      keyOf={({ id }) => id}
      empty={empty}
    />
  );
}

type AuditListProps = {
  query: RowsQuery<AuditEntry>;
  empty: ReactNode;
  /** False on the page of the target. */
  withTargets?: boolean;
};

/** Entries of the audit log. */
export function AuditList({ query, empty, withTargets = true }: AuditListProps) {
  return (
    <DataTable
      label="Audit log"
      query={query}
      columns={withTargets ? columns : columnsOfTarget}
      keyOf={({ id }) => id}
      empty={empty}
    />
  );
}
