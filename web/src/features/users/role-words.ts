import type { Role, User } from '../../../../contracts/api/account/auth.ts';

/** Roles in words, and who can give them. Pure. */

export const roleNames: Record<Role, string> = { user: 'User', admin: 'Admin', superadmin: 'Superadmin' };

export const roleMeanings: Record<Role, string> = {
  user: 'Runs models and sees their own wallet.',
  admin: 'Also manages the users, levels, models and settings of this tenant.',
  superadmin: 'Also manages every tenant and the platform.',
};

/** The roles that `me` can give to a user: up to their own, and superadmin only among users of the platform. */
export const rolesToGive = (
  me: Pick<User, 'role' | 'tenant_id'>,
  user: Pick<User, 'role' | 'tenant_id'>,
): Role[] =>
  me.role === 'superadmin' && user.tenant_id === me.tenant_id
    ? ['user', 'admin', 'superadmin']
    : ['user', 'admin'];
