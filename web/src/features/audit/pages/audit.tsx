import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ExportButton } from '../../../ui/export-button.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { type AuditFilter, allEntries, auditQuery, downloadAuditLog } from '../api/audit.ts';
import { actionChoices } from '../audit-words.ts';
import { AuditList } from '../components/audit-list.tsx';

type FilterBarProps = { filter: AuditFilter; onChange: (filter: AuditFilter) => void };

function FilterBar({ filter, onChange }: FilterBarProps) {
  const change = (changes: Partial<AuditFilter>) => onChange({ ...filter, ...changes });
  return (
    <Group mb="md" gap="sm" align="flex-end">
      <SegmentedControl
        aria-label="Entries shown"
        data={[
          { value: 'all', label: 'All' },
          { value: 'self', label: 'Self-made' },
        ]}
        value={filter.isSelfMade ? 'self' : 'all'}
        onChange={(shown) => change({ isSelfMade: shown === 'self' })}
      />
      <PersonSelect userId={filter.userId} onChange={(userId) => change({ userId })} />
      <Select
        aria-label="Actions"
        placeholder="All actions"
        data={actionChoices}
        value={filter.action}
        onChange={(action) => change({ action })}
        clearable
        clearButtonProps={{ 'aria-label': 'Show all actions' }}
        w={170}
      />
      <Group gap="sm" wrap="nowrap">
        {(['from', 'to'] as const).map((end) => (
          <TextInput
            key={end}
            type="date"
            label={end === 'from' ? 'From (UTC)' : 'To (UTC)'}
            value={filter[end]}
            onChange={({ currentTarget }) => change({ [end]: currentTarget.value })}
          />
        ))}
      </Group>
    </Group>
  );
}

/** The tenant's audit log, with filters and an export. */
export function AuditPage() {
  const [filter, setFilter] = useState(allEntries);
  const query = useInfiniteQuery(auditQuery(filter));
  const isFiltered = JSON.stringify(filter) !== JSON.stringify(allEntries);
  return (
    <>
      <PageHeader
        title="Audit log"
        actions={<ExportButton download={downloadAuditLog(filter)} fileName="audit-log.csv" />}
      >
        Who changed what. Entries are never changed or deleted.
      </PageHeader>
      <FilterBar filter={filter} onChange={setFilter} />
      <AuditList
        query={query}
        empty={
          <EmptyState icon={<IconListDetails />} title={isFiltered ? 'No such entries' : 'No entries yet'}>
            {isFiltered
              ? 'No entry is of this person, action and time.'
              : 'Sign-ins and changes appear here.'}
          </EmptyState>
        }
      />
    </>
  );
}
