import { Group, Select, TextInput } from '@mantine/core';
import { IconBuildingStore, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigation, useSearchParams } from 'react-router';
import { tenantStatus } from '../../../../../contracts/api/platform/tenants.ts';
import { useSearchText } from '../../../lib/use-search-text.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { type TenantFilter, tenantsQuery } from '../api/tenants.ts';
import { CreateTenantButton } from '../components/create-tenant.tsx';
import { SignupsButton } from '../components/signups-button.tsx';
import { TenantList } from '../components/tenant-list.tsx';
import { statusNames } from '../components/tenant-state.tsx';

const sortings = [
  { value: 'created_at', label: 'Newest first' },
  { value: 'name', label: 'By name' },
];

/** Time after which the figures are read again. The journal brings what a budget or an execution changed within seconds. */
const FIGURES_MS = 5_000;

/** Reads the filter of an address. Unknown values are ignored. */
function filterOf(params: URLSearchParams): TenantFilter {
  const status = tenantStatus.safeParse(params.get('status'));
  return {
    q: params.get('q') ?? '',
    status: status.success ? status.data : null,
    sort: params.get('sort') === 'name' ? 'name' : 'created_at',
  };
}

const paramsOf = ({ q, status, sort }: TenantFilter) => ({
  ...(q === '' ? {} : { q }),
  ...(status === null ? {} : { status }),
  ...(sort === 'created_at' ? {} : { sort }),
});

/** The tenants of the platform, for superadmins. */
export function TenantsPage() {
  const [params, setParams] = useSearchParams();
  const isIdle = useNavigation().state === 'idle';
  const known = filterOf(params);
  const [search, setSearch] = useState(known.q);
  const q = useSearchText(search);
  const filter = { ...known, q };
  const tenants = useInfiniteQuery({ ...tenantsQuery(filter), refetchInterval: FIGURES_MS });
  const narrow = (change: Partial<TenantFilter>) =>
    setParams(paramsOf({ ...filter, ...change }), { replace: true });

  // In the address, so that coming back from a tenant finds the same list.
  // Not during a navigation: it would cancel it.
  useEffect(() => {
    if (isIdle && q !== (params.get('q') ?? ''))
      setParams(paramsOf({ ...filterOf(params), q }), { replace: true });
  }, [isIdle, q, params, setParams]);

  return (
    <>
      <PageHeader
        title="Tenants"
        actions={
          <Group gap="xs">
            <SignupsButton />
            <CreateTenantButton />
          </Group>
        }
      >
        Everyone who does business on this platform. Figures are of this month.
      </PageHeader>
      <Group mb="md" gap="sm" align="end">
        <TextInput
          type="search"
          aria-label="Search by a part of a name, slug or hostname"
          placeholder="Name, slug or hostname"
          leftSection={<IconSearch size={16} aria-hidden />}
          maxLength={254}
          w={{ base: '100%', sm: 300 }}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <Select
          aria-label="Status"
          placeholder="Every status"
          data={Object.entries(statusNames).map(([value, label]) => ({ value, label }))}
          value={known.status}
          onChange={(status) => narrow({ status: status as TenantFilter['status'] })}
          clearable
          clearButtonProps={{ 'aria-label': 'Every status' }}
          w={170}
        />
        <Select
          aria-label="Order"
          data={sortings}
          value={known.sort}
          onChange={(sort) => sort !== null && narrow({ sort: sort as TenantFilter['sort'] })}
          allowDeselect={false}
          w={150}
        />
      </Group>
      <TenantList
        query={tenants}
        empty={
          <EmptyState icon={<IconBuildingStore />} title="No tenants found">
            No tenant matches. Change the search or the status.
          </EmptyState>
        }
      />
    </>
  );
}
