import { z } from 'zod';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';

/** What a user is allowed to do: use their tenant, run it, or run the platform. */
export const role = z.enum(['user', 'admin', 'superadmin']);
export type Role = z.infer<typeof role>;

/** Lower-cased on the way in: one person, one account, whatever the keyboard did. */
const email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email())
  .transform((address) => address.toLowerCase());

/** Length is what makes a password strong; anything else only annoys. 1,024 bounds the hashing work. */
export const newPassword = z.string().min(12).max(1_024);

export const registerRequest = z.strictObject({
  email,
  password: newPassword,
  name: z.string().trim().min(1).max(100).refine(isStorable, STORABLE_RULE).optional(),
});
export type RegisterRequest = z.infer<typeof registerRequest>;

export const loginRequest = z.strictObject({ email, password: z.string().min(1).max(1_024) });
export type LoginRequest = z.infer<typeof loginRequest>;

/** A disabled user keeps everything and can do nothing. */
export const userStatus = z.enum(['active', 'disabled']);

/** A user as they and their admins see them. */
export const user = z.object({
  id: z.uuid(),
  tenant_id: z.uuid(),
  email: z.string(),
  name: z.string().nullable(),
  role,
  status: userStatus,
  level: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }),
  created_at: z.iso.datetime(),
});
export type User = z.infer<typeof user>;

export const authResponse = z.object({ token: z.string(), user });
export type AuthResponse = z.infer<typeof authResponse>;

/** The claims of a session token, exactly these four. */
export const sessionClaims = z.strictObject({
  userId: z.uuid(),
  tenantId: z.uuid(),
  iat: z.int().min(0),
  exp: z.int().min(0),
});
export type SessionClaims = z.infer<typeof sessionClaims>;
