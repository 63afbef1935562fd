import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { PersonSelect } from '../../users/components/person-select.tsx';
import type { AuditFilter } from '../api/audit.ts';
import { actionChoices } from '../audit-words.ts';

type FilterBarProps = {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
  /** False for the log of all tenants: people to choose from are those of one. */
  withPeople?: boolean;
};

/** Filters of the audit log. */
export function FilterBar({ filter, onChange, withPeople = true }: FilterBarProps) {
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
      {withPeople && <PersonSelect userId={filter.userId} onChange={(userId) => change({ userId })} />}
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
