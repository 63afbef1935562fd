import { sql } from 'drizzle-orm';
import { Secret, TOTP } from 'otpauth';
import type { TotpEnrolment } from '../../../contracts/api/account/factors.ts';
import { asOwner } from '../checked-wallet.ts';
import { ask, hostname, newAddress } from './asking.ts';

/** Accounts with second factors, for tests over HTTP. */

export const PASSWORD = 'seventeen green umbrellas';
export const ORIGIN = `http://${hostname}`;

/** Sends a request and returns its answer, parsed. */
export async function send(path: string, body?: unknown, token?: string, method = 'POST', address?: string) {
  const answer = await ask(path, {
    method,
    address,
    ...(body === undefined ? {} : { body }),
    ...(token === undefined ? {} : { token }),
  });
  const text = await answer.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, which the tests compare.
  const parsed: any = text === '' ? null : JSON.parse(text);
  return { status: answer.status, body: parsed, code: parsed?.error?.code, details: parsed?.error?.details };
}

/** Registers somebody. Returns their session and ways to sign in. */
export async function register() {
  const email = `${crypto.randomUUID()}@example.test`;
  const address = newAddress();
  const answer = await send('/api/auth/register', { email, password: PASSWORD }, undefined, 'POST', address);
  const logIn = () => send('/api/auth/login', { email, password: PASSWORD }, undefined, 'POST', address);
  return {
    ...answer,
    email,
    logIn,
    token: answer.body?.token as string,
    id: answer.body?.user?.id as string,
  };
}

/** The code of a secret, some steps of 30 seconds from now. */
export const codeOf = (secret: string, stepsFromNow = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsFromNow * 30_000 });

/** Adds an authenticator app, by the code of the step before this one. */
export async function addApp(token: string): Promise<{ id: string; secret: string; codes: string[] }> {
  const begun = await send('/api/auth/factors/totp', undefined, token);
  const { secret, enrolment } = begun.body as TotpEnrolment;
  const added = await send('/api/auth/factors/totp/confirm', { enrolment, code: codeOf(secret, -1) }, token);
  if (added.status !== 201) throw new Error(`The app was not added: ${added.code}`);
  return { id: added.body.factor.id, secret, codes: added.body.recovery_codes };
}

/** The actions in the audit log about a user, the oldest first. */
export async function actionsOf(userId: string): Promise<unknown[]> {
  const [rows = []] = await asOwner(
    sql`select action from audit_log where target_id = ${userId} or actor_user_id = ${userId} order by id`,
  );
  return rows.map(({ action }) => action);
}
