import type { ConfirmRequest } from '../../../../../contracts/api/account/confirmation.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { provePasskey } from '../../../lib/passkeys.ts';

export const confirmSession = (request: ConfirmRequest) => ask(api.auth.confirm.$post({ json: request }));

/** Confirms by a passkey of the caller. */
export async function confirmByPasskey() {
  const options = await ask(api.auth.confirm.passkey.options.$post());
  return confirmSession({ passkey: await provePasskey(options) });
}

/** Returns the ways in which the caller can confirm here: by a factor if there is one, else by the password. */
export async function fetchConfirmWays(): Promise<{ hasFactor: boolean; hasPasskey: boolean }> {
  const { factors } = await ask(api.auth.factors.$get());
  return {
    hasFactor: factors.length > 0,
    hasPasskey: factors.some(({ hostname }) => hostname === window.location.hostname),
  };
}
