import { Group, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useUser } from '../../auth/auth-context.tsx';
import { levelsQuery } from '../../levels/api/levels.ts';
import { roleNames } from '../role-words.ts';
import type { UserFilters } from '../user-filters.ts';

type UserFilterBarProps = {
  search: string;
  onSearch: (search: string) => void;
  filters: UserFilters;
  onChange: (name: 'level_id' | 'role' | 'status', value: string | null) => void;
};

/** Search and filters of the list of users. */
export function UserFilterBar({ search, onSearch, filters, onChange }: UserFilterBarProps) {
  const { data: levels = [] } = useQuery(levelsQuery);
  const isPlatform = useUser().role === 'superadmin';
  const roles = (['user', 'admin', 'superadmin'] as const).filter(
    (role) => isPlatform || role !== 'superadmin',
  );
  return (
    <Group mb="md" gap="sm">
      <TextInput
        type="search"
        aria-label="Search by name or email"
        placeholder="Name or email"
        leftSection={<IconSearch size={16} aria-hidden />}
        maxLength={254}
        w={300}
        maw="100%"
        value={search}
        onChange={({ currentTarget }) => onSearch(currentTarget.value)}
      />
      <Select
        aria-label="Level"
        placeholder="All levels"
        data={levels.map(({ id, name }) => ({ value: id, label: name }))}
        value={filters.level_id ?? null}
        onChange={(level) => onChange('level_id', level)}
        clearable
        clearButtonProps={{ 'aria-label': 'Show all levels' }}
        w={160}
      />
      <Select
        aria-label="Role"
        placeholder="All roles"
        data={roles.map((value) => ({ value, label: roleNames[value] }))}
        value={filters.role ?? null}
        onChange={(role) => onChange('role', role)}
        clearable
        clearButtonProps={{ 'aria-label': 'Show all roles' }}
        w={140}
      />
      <Select
        aria-label="Status"
        placeholder="Any status"
        data={[
          { value: 'active', label: 'Active' },
          { value: 'disabled', label: 'Disabled' },
        ]}
        value={filters.status ?? null}
        onChange={(status) => onChange('status', status)}
        clearable
        clearButtonProps={{ 'aria-label': 'Show any status' }}
        w={140}
      />
    </Group>
  );
}
