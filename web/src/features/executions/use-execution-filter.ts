import { useSearchParams } from 'react-router';
import type { ExecutionFilter } from '../../../../contracts/api/execution-filter.ts';
import type { Period } from '../../../../contracts/days.ts';
import { isStatus } from './status-words.ts';

const filterNames = ['user_id', 'api_key_id', 'model', 'provider_id'] as const;
export type FilterName = (typeof filterNames)[number] | 'status';

/** The filters of a list of executions, and ways to change them. */
export type ChosenFilter = {
  filter: ExecutionFilter & Period;
  /** True if more than the period is chosen. */
  isFiltered: boolean;
  choose(name: FilterName, value: string | null): void;
  /** Removes the filters and the period. */
  clear(): void;
};

/** Reads the filters of the page's address, so that a link leads to the same executions. Only admins filter by user. */
export function useExecutionFilter(period: Period, isAdmin: boolean): ChosenFilter {
  const [params, setParams] = useSearchParams();
  const chosen: ExecutionFilter = {};
  for (const name of filterNames) {
    const value = params.get(name);
    if (value !== null && value !== '' && (isAdmin || name !== 'user_id')) chosen[name] = value;
  }
  const status = params.get('status');
  if (isStatus(status)) chosen.status = status;
  return {
    filter: { ...chosen, ...period },
    isFiltered: Object.keys(chosen).length > 0,
    choose: (name, value) =>
      setParams(
        (known) => {
          const changed = new URLSearchParams(known);
          if (value === null) changed.delete(name);
          else changed.set(name, value);
          return changed;
        },
        { replace: true },
      ),
    clear: () => setParams({}, { replace: true }),
  };
}
