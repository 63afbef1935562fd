import type { User } from '../../../../contracts/api/account/auth.ts';

/** Filters of the list of users, as the address of the page keeps them. Those left out do not filter. Pure. */

export type UserFilters = {
  /** A part of a name or email. */
  q?: string;
  level_id?: string;
  role?: User['role'];
  status?: User['status'];
};

const roles: readonly string[] = ['user', 'admin', 'superadmin'] satisfies User['role'][];
const statuses: readonly string[] = ['active', 'disabled'] satisfies User['status'][];
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the filters from an address. What the API would refuse does not filter. */
export function readUserFilters(params: URLSearchParams): UserFilters {
  const [q, level, role, status] = ['q', 'level_id', 'role', 'status'].map((name) => params.get(name) ?? '');
  return {
    ...(q ? { q } : {}),
    ...(level && uuid.test(level) ? { level_id: level } : {}),
    ...(role && roles.includes(role) ? { role: role as User['role'] } : {}),
    ...(status && statuses.includes(status) ? { status: status as User['status'] } : {}),
  };
}

/** Returns the parameters of an address after a change of one filter; null or empty text removes it. */
export function withUserFilter(
  params: URLSearchParams,
  name: keyof UserFilters,
  value: string | null,
): URLSearchParams {
  const changed = new URLSearchParams(params);
  if (value === null || value === '') changed.delete(name);
  else changed.set(name, value);
  return changed;
}
