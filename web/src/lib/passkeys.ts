import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type {
  PasskeyCreation,
  PasskeyOptions,
  PasskeyProof,
} from '../../../contracts/api/account/factors.ts';
import { ApiError } from './api-client.ts';

/** Passkeys of this browser. */

/** Loaded when a passkey is used. */
const library = () => import('@simplewebauthn/browser');

/** Returns true if the browser knows passkeys. */
export const knowsPasskeys = () => typeof window.PublicKeyCredential === 'function';

/** Runs a dialog of the browser. Closing it is an error like a refusal: browsers do not tell them apart. */
async function run<Answer>(dialog: Promise<Answer>): Promise<Answer> {
  try {
    return await dialog;
  } catch (error) {
    const isKnown = error instanceof Error && error.name === 'InvalidStateError';
    const message = isKnown
      ? 'This device has a passkey for your account already.'
      : 'No passkey was used. Try again, or choose another way.';
    throw new ApiError('passkey_refused', message, null);
  }
}

/** Asks the browser to make a passkey. */
export const createPasskey = async (options: PasskeyOptions): Promise<PasskeyCreation> => {
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const { startRegistration } = await library();
  return (await run(startRegistration({ optionsJSON }))) as unknown as PasskeyCreation;
};

/** Asks the browser to prove a passkey. */
export const provePasskey = async (options: PasskeyOptions): Promise<PasskeyProof> => {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const { startAuthentication } = await library();
  return (await run(startAuthentication({ optionsJSON }))) as unknown as PasskeyProof;
};
