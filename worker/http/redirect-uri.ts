import type { TenantEnv } from './app-env.ts';
import { tenantOrigin } from './tenant-origin.ts';

/** The path to which identity providers send the browser back. */
export const CALLBACK_PATH = '/api/auth/sign-in/callback';

/** Returns the redirect URI of the hostname of a request, as it is registered at identity providers. */
export const redirectUri = (variables: Pick<TenantEnv['Variables'], 'tenant' | 'url' | 'settings'>): string =>
  `${tenantOrigin(variables)}${CALLBACK_PATH}`;
