import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import { app } from '../../../worker/http/app.ts';
import { signSessionToken } from '../../../worker/identity/sessions.ts';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';
import { abroad, asOwner, environment, holdTheQueue, home, newcomer } from '../checked-wallet.ts';

/** Helpers for tests that send requests to the whole HTTP app in workerd, on a real Postgres. */

holdTheQueue();

/** A queue that takes every message. Its consumer would run beside the tests, with the file's own bindings, which reach no database. */
const unread = { send: async () => undefined, sendBatch: async () => undefined } as unknown as Queue;
const bindings = environment({ MAIL_QUEUE: unread, POLICY_UPDATES_QUEUE: unread });

/** Returns the hostname at which a tenant answers. */
export async function hostnameOf(tenant_id: string): Promise<string> {
  const [[row]] = (await asOwner(sql`select slug from tenants where id = ${tenant_id}`)) as [
    [{ slug: string }],
  ];
  return `${row.slug}.${env.PLATFORM_DOMAIN}`;
}

export const hostname = await hostnameOf(home.tenant_id);

/** Gives the tenants a level for those who register, unless another file did. */
export async function openRegistration(): Promise<void> {
  for (const tenant of [home, abroad]) {
    const { user_id } = await newcomer(tenant);
    await asOwner(
      sql`update levels set is_default = true where id = (select level_id from users where id = ${user_id})
        and not exists (select from levels where tenant_id = ${tenant.tenant_id} and is_default)`,
    );
  }
}

/** Returns the address of somebody else: only so many accounts can be made from one network. */
export const newAddress = (): string =>
  `10.${Array.from(crypto.getRandomValues(new Uint8Array(3))).join('.')}`;

/** A mail queue that takes every mail and delivers none, for tests of who may ask for one. */
export const mailTaken: Partial<Env> = {
  MAIL_QUEUE: { send: async () => undefined } as unknown as Env['MAIL_QUEUE'],
};

export type Asked = {
  method?: string;
  /** Sent as it is if it is a text, else as JSON. */
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  /** The client's address. */
  address?: string | undefined;
  hostname?: string | undefined;
  /** Variables of the Worker that differ from those of the other tests. */
  variables?: Record<string, string>;
  /** Bindings that differ. */
  bindings?: Partial<Env>;
};

/** Sends a request to the app and waits for the work that outlives its answer. */
export async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { body, token, headers = {}, address = '192.0.2.1' } = asked;
  const context = createExecutionContext();
  const request = new Request(`http://${asked.hostname ?? hostname}${path}`, {
    method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: {
      'cf-connecting-ip': address,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  const answer = await app.fetch(request, { ...bindings, ...asked.variables, ...asked.bindings }, context);
  await waitOnExecutionContext(context);
  return answer;
}

/** Signs a session token for a user. */
export function tokenOf({ tenant_id, user_id }: WalletIdentity): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000);
  return signSessionToken(secretRing.parse(env.JWT_SECRET), {
    userId: user_id,
    tenantId: tenant_id,
    iat,
    exp: iat + 600,
  });
}

/** Creates a user of the home tenant with a session. */
export async function somebody(role = 'user'): Promise<WalletIdentity & { token: string }> {
  const wallet = await newcomer(home, role);
  return { ...wallet, token: await tokenOf(wallet) };
}
