import { IconListDetails } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ExportButton } from '../../../ui/export-button.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { allEntries, auditQuery, downloadAuditLog } from '../api/audit.ts';
import { AuditList } from '../components/audit-list.tsx';
import { FilterBar } from '../components/filter-bar.tsx';

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
          <EmptyState icon={<IconListDetails />} title={isFiltered ? 'No entries found' : 'No entries yet'}>
            {isFiltered
              ? 'No entry is of this person, action and time.'
              : 'Sign-ins and changes appear here.'}
          </EmptyState>
        }
      />
    </>
  );
}
