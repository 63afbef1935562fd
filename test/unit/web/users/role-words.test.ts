import { expect, it } from 'vitest';
import { rolesToGive } from '../../../../web/src/features/users/role-words.ts';

const platform = { role: 'superadmin' as const, tenant_id: 'platform' };

it('a role above one’s own is not offered, and superadmin only to users of the platform', () => {
  const user = { role: 'user' as const, tenant_id: 'acme' };
  expect(rolesToGive({ role: 'admin', tenant_id: 'acme' }, user)).toEqual(['user', 'admin']);
  expect(rolesToGive(platform, user)).toEqual(['user', 'admin']);
  expect(rolesToGive(platform, { ...user, tenant_id: 'platform' })).toEqual(['user', 'admin', 'superadmin']);
});
