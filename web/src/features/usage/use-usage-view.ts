import { useSearchParams } from 'react-router';
import type { Role } from '../../../../contracts/api/account/auth.ts';
import type { UsageGroup, UsageItem } from '../../../../contracts/api/usage.ts';
import type { Period } from '../../../../contracts/days.ts';
import type { UsageFilterName, UsageScope } from './api/usage.ts';
import { groupsFor, type Measure, measuresOf } from './measures.ts';
import { idOfGroup } from './usage-groups.ts';

/** The filter that counts one group only, and the group to show then. */
const narrowing: Partial<Record<UsageGroup, { filter: UsageFilterName; next: UsageGroup }>> = {
  model: { filter: 'model', next: 'day' },
  key: { filter: 'api_key_id', next: 'model' },
  provider: { filter: 'provider_id', next: 'model' },
  level: { filter: 'level_id', next: 'user' },
};
const filterNames: UsageFilterName[] = [
  'model',
  'user_id',
  'api_key_id',
  'provider_id',
  'level_id',
  'tenant_id',
];

/** The view of the usage page, as its address says, so that a link leads to the same figures. */
export function useUsageView(role: Role, period: Period) {
  const [params, setParams] = useSearchParams();
  const groups = groupsFor(role);
  const measures = measuresOf(role);
  const group = groups.find((name) => name === params.get('by')) ?? groups[0] ?? 'model';
  const measure = measures.find((name) => name === params.get('show')) ?? measures[0] ?? 'wallet_tokens';
  const filters = filterNames.flatMap((name) => {
    const value = params.get(name);
    return value === null ? [] : [{ name, value }];
  });
  const scope: UsageScope = {
    ...period,
    ...Object.fromEntries(filters.map(({ name, value }) => [name, value])),
  };
  const change = (entries: Record<string, string | null>) =>
    setParams(
      (known) => {
        const changed = new URLSearchParams(known);
        for (const [name, value] of Object.entries(entries))
          if (value === null) changed.delete(name);
          else changed.set(name, value);
        return changed;
      },
      { replace: true },
    );
  const narrowed = narrowing[group];
  return {
    group,
    groups,
    measure,
    measures,
    filters,
    scope,
    setGroup: (next: UsageGroup) => change({ by: next }),
    setMeasure: (next: Measure) => change({ show: next }),
    setUser: (userId: string | null) => change({ user_id: userId }),
    dropFilter: (name: UsageFilterName) => change({ [name]: null }),
    narrow:
      narrowed === undefined
        ? null
        : (item: UsageItem) => change({ [narrowed.filter]: idOfGroup(item, group), by: narrowed.next }),
  };
}
