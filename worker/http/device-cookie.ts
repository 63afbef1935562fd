import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import {
  type AccountKey,
  accountKeyOf,
  DEVICE_LIFETIME_S,
  makeDeviceToken,
  readDeviceToken,
} from '../identity/guessing/known-device.ts';
import type { TenantEnv } from './app-env.ts';

/** A cookie for each account, so that a browser can be known to several. It is sent to sign-ins alone, and scripts cannot read it. */
const nameOf = ({ key }: AccountKey) => `device-${key.slice(0, 16)}`;

/** Returns the id of the request's device if it has signed in to the account before. */
export const knownDevice = (c: Context<TenantEnv>, account: AccountKey): Promise<string | null> =>
  readDeviceToken(c.var.settings.JWT_SECRET, account, getCookie(c, nameOf(account)) ?? null);

/** Makes the device known to an account. For answers to somebody who has just proved that it is theirs. */
export async function rememberDevice(
  c: Context<TenantEnv>,
  email: string,
  deviceId: string | null = null,
): Promise<void> {
  const account = await accountKeyOf(c.var.tenant.id, email);
  const token = await makeDeviceToken(c.var.settings.JWT_SECRET, account, deviceId);
  setCookie(c, nameOf(account), token, {
    path: '/api/auth',
    maxAge: DEVICE_LIFETIME_S,
    httpOnly: true,
    secure: true,
    sameSite: 'Strict',
  });
}
