import { describe, expect, it } from 'vitest';
import { readUserFilters, withUserFilter } from '../../../../web/src/features/users/user-filters.ts';

const LEVEL = '0190a000-0000-7000-8000-000000000001';

describe('Filters of users', () => {
  it('are read from the address, without what the API would refuse', () => {
    const read = (query: string) => readUserFilters(new URLSearchParams(query));
    expect(read(`q=ada&level_id=${LEVEL}&role=admin&status=disabled`)).toEqual({
      q: 'ada',
      level_id: LEVEL,
      role: 'admin',
      status: 'disabled',
    });
    expect(read('q=&level_id=basic&role=owner&status=closed')).toEqual({});
  });

  it('change one at a time, and leave the address when they are cleared', () => {
    const params = new URLSearchParams('q=ada&role=admin');
    expect(withUserFilter(params, 'status', 'active').toString()).toBe('q=ada&role=admin&status=active');
    expect(withUserFilter(params, 'role', null).toString()).toBe('q=ada');
    expect(withUserFilter(params, 'q', '').toString()).toBe('role=admin');
  });
});
