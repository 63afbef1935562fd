import type { User } from '../../../contracts/api/account/auth.ts';

/** The display name of a user: their name, or their email without one. */
export const nameOf = ({ name, email }: Pick<User, 'name' | 'email'>): string => name ?? email;
