import type { SecondFactorRequest } from '../../../../../contracts/api/account/factors.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { createPasskey, provePasskey } from '../../../lib/passkeys.ts';

/** Sign-ins that go on with a second factor, or are made by a passkey alone. */

const { login } = api.auth;

export const endSignIn = (request: SecondFactorRequest) =>
  ask(login['second-factor'].$post({ json: request }));

/** Proves a passkey of the user of a ticket. */
export async function endSignInByPasskey(ticket: string) {
  const options = await ask(login.passkey.options.$post({ json: { ticket } }));
  return endSignIn({ ticket, passkey: await provePasskey(options) });
}

/** Signs in by whichever passkey the browser has. */
export async function signInByPasskey() {
  const options = await ask(login.passkey.options.$post({ json: {} }));
  return ask(login.passkey.$post({ json: { passkey: await provePasskey(options) } }));
}

export const beginTotp = (ticket: string) => ask(login.setup.totp.$post({ json: { ticket } }));
export const confirmTotp = (request: { ticket: string; enrolment: string; code: string }) =>
  ask(login.setup.totp.confirm.$post({ json: request }));

/** Makes a passkey for the user of a ticket, and signs in. */
export async function setUpPasskey(ticket: string, name: string) {
  const options = await ask(login.setup.passkey.options.$post({ json: { ticket } }));
  return ask(login.setup.passkey.$post({ json: { ticket, name, passkey: await createPasskey(options) } }));
}
