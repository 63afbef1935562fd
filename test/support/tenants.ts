import { type Client, DEMO_PASSWORD, signIn } from './demo.ts';
import { type JsonAnswer, requestJson } from './http.ts';

/** Helpers for tests of tenants. Each test makes its own, so that it affects no other test. */

export const PLATFORM = 'localhost';
export const PLATFORM_ID = '00000000-0000-7000-8000-000000000001';

export const newSlug = () => `t-${crypto.randomUUID().slice(0, 13)}`;

/** Signs in as a superadmin, who manages the tenants of the stack. */
export async function manageTenants(port: number) {
  const superadmin: Client = await signIn(port, PLATFORM, 'super@vanilla.test');

  const send = (
    host: string,
    path: string,
    method = 'GET',
    body?: unknown,
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<JsonAnswer> =>
    requestJson(port, host, path, {
      ...{ method, body },
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    });

  const create = (slug = newSlug()) =>
    superadmin.post('/api/tenants', {
      ...{ slug, name: 'Made by a test', admin_email: `first@${slug}.example` },
      budget: { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 1_000_000 },
    });

  const accept = (host: string, link: string) => {
    const token = new URL(link).hash.slice(1);
    return send(host, '/api/auth/invitations/accept', 'POST', { token, password: DEMO_PASSWORD });
  };

  return {
    superadmin,
    send,
    create,
    accept,
    patch: (id: string, change: unknown) => superadmin.patch(`/api/tenants/${id}`, change),
    remove: (id: string, slug: string, query = '') =>
      send(PLATFORM, `/api/tenants/${id}${query}`, 'DELETE', undefined, superadmin.token, {
        'x-confirm-slug': slug,
      }),
    /** Creates a tenant with a budget, and accepts the invitation of its first admin, whose token is returned. */
    async open() {
      const { body: tenant } = await create();
      const host = `${tenant.slug}.localhost`;
      const { link } = tenant.invitation;
      const { body } = await accept(host, link);
      return {
        id: tenant.id as string,
        slug: tenant.slug as string,
        host,
        token: body.token as string,
        link,
      };
    },
  };
}
