import type { PasskeyPlace } from '../identity/factors/passkeys.ts';
import type { AppEnv } from './app-env.ts';

/** Returns where the browser of a request is: passkeys work at the hostname that it shows. */
export const passkeyPlace = ({ url }: Pick<AppEnv['Variables'], 'url'>): PasskeyPlace => ({
  origin: url.origin,
  hostname: url.hostname,
});
