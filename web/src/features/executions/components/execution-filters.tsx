import { Select, SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExecutionFilter } from '../../../../../contracts/api/execution-filter.ts';
import type { Period } from '../../../../../contracts/days.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { topUsageQuery } from '../../usage/api/usage.ts';
import { idOfGroup, nameOfGroup } from '../../usage/usage-groups.ts';
import { statusNames } from '../status-words.ts';
import type { ChosenFilter, FilterName } from '../use-execution-filter.ts';

/** The most choices of a filter: those with the most executions. */
const CHOICES_MAX = 100;

type Group = 'model' | 'provider' | 'key';

/** Loads what executions of the period were of, as choices by id. The chosen one is always among them. */
function useChoices(
  group: Group,
  { from, to, user_id }: ExecutionFilter & Period,
  chosen: string | null,
  isNeeded: boolean,
) {
  const { tenant_id } = useUser();
  const scope = { from, to, ...(user_id !== undefined && { user_id }), tenant_id };
  const { data = [] } = useQuery({
    ...topUsageQuery(scope, group, 'executions', CHOICES_MAX),
    enabled: isNeeded,
  });
  const choices = new Map(
    data.map((item): [string, string] => [idOfGroup(item, group), nameOfGroup(item, group)]),
  );
  choices.delete('');
  if (chosen !== null && !choices.has(chosen))
    choices.set(chosen, group === 'model' ? chosen : `…${chosen.slice(-6)}`);
  return [...choices].map(([value, label]) => ({ value, label }));
}

type GroupSelectProps = ChosenFilter & { group: Group; name: FilterName; label: string; all: string };

function GroupSelect({ group, name, label, all, filter, choose }: GroupSelectProps) {
  const [wasOpened, setOpened] = useState(false);
  const value = filter[name] ?? null;
  const choices = useChoices(group, filter, value, wasOpened || value !== null);
  return (
    <Select
      aria-label={label}
      placeholder={all}
      data={choices}
      value={value}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': all }}
      nothingFoundMessage="None in this period"
      comboboxProps={{ withinPortal: false }}
      onDropdownOpen={() => setOpened(true)}
      onChange={(next) => choose(name, next)}
    />
  );
}

const statuses = Object.entries(statusNames).map(([value, label]) => ({ value, label }));

/** Narrows a list of executions by status, model, provider and API key. */
export function ExecutionFilters(chosen: ChosenFilter) {
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="xs">
      <Select
        aria-label="Status"
        placeholder="All statuses"
        data={statuses}
        value={chosen.filter.status ?? null}
        clearable
        clearButtonProps={{ 'aria-label': 'All statuses' }}
        comboboxProps={{ withinPortal: false }}
        onChange={(next) => chosen.choose('status', next)}
      />
      <GroupSelect {...chosen} group="model" name="model" label="Model" all="All models" />
      <GroupSelect {...chosen} group="provider" name="provider_id" label="Provider" all="All providers" />
      <GroupSelect {...chosen} group="key" name="api_key_id" label="API key" all="All API keys" />
    </SimpleGrid>
  );
}
