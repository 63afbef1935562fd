import { Button } from '@mantine/core';
import { IconListDetails, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { allEntries, platformAuditQuery } from '../api/audit.ts';
import { PlatformAuditList } from '../components/audit-list.tsx';
import { FilterBar } from '../components/filter-bar.tsx';

/** The audit log of all tenants, or of the one that the address names. For superadmins. */
export function PlatformAuditPage() {
  const [search, setSearch] = useSearchParams();
  const tenantId = search.get('tenant');
  const [filter, setFilter] = useState(allEntries);
  const query = useInfiniteQuery(platformAuditQuery(filter, tenantId));
  return (
    <>
      <PageHeader
        title={tenantId === null ? 'Audit log of all tenants' : 'Audit log of one tenant'}
        actions={
          tenantId !== null && (
            <Button
              variant="default"
              leftSection={<IconX size={17} aria-hidden />}
              onClick={() => setSearch({})}
            >
              Show all tenants
            </Button>
          )
        }
      >
        Who changed what, in which tenant. Entries are never changed or deleted.
      </PageHeader>
      <FilterBar filter={filter} onChange={setFilter} withPeople={false} />
      <PlatformAuditList
        query={query}
        empty={
          <EmptyState icon={<IconListDetails />} title="No entries found">
            Choose another action or time.
          </EmptyState>
        }
      />
    </>
  );
}
