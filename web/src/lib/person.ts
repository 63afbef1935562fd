import type { User } from '../../../contracts/api/auth.ts';

/** The name a person is shown by: their own, or their email. */
export const nameOf = ({ name, email }: Pick<User, 'name' | 'email'>): string => name ?? email;
