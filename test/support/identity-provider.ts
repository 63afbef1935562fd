import { CLIENT_SECRET, ISSUER_PATH } from '../../dev/simulators/issuer/simulated-issuer.ts';
import type { IssuerMode, Person } from '../../dev/simulators/issuer/tokens.ts';
import { newAddress } from './demo.ts';
import { type JsonAnswer, request, requestJson } from './http.ts';

/** A sign-in at the simulated identity provider, step by step, as a browser takes it. */

type Stack = { port: number; simulatorOrigin: string };

const cookiesOf = (setCookie: string[] | undefined): string =>
  (setCookie ?? [])
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ');

export type Landing = {
  /** The page of the web app. */
  page: URL;
  cookie: string;
  /** The reason of a failure, or null. */
  failure: string | null;
  ticket: string;
};

export function identityProviderOf({ port, simulatorOrigin }: Stack) {
  const issuerOf = (mode: IssuerMode = 'none') =>
    `${simulatorOrigin}${ISSUER_PATH}${mode === 'none' ? '' : `/${mode}`}`;

  /** The request that adds a provider with a simulated issuer to a tenant. */
  const requestFor = (mode: IssuerMode = 'none', more: Record<string, unknown> = {}) => ({
    ...{ kind: 'oidc', name: `Example ID ${mode}`, issuer: issuerOf(mode) },
    ...{ client_id: 'a-client', client_secret: CLIENT_SECRET },
    ...more,
  });

  /** Opens the address of a provider's button. Returns where it leads, and the cookie. */
  async function begin(host: string, providerId: string, query = '') {
    const { status, headers } = await request(port, host, `/api/auth/sign-in/${providerId}${query}`);
    return {
      status,
      location: new URL(headers.location ?? 'http://nowhere'),
      headers,
      cookie: cookiesOf(headers['set-cookie']),
    };
  }

  /** Chooses a person on the issuer's page. Returns the address to which it leads back. */
  async function choose(location: URL, person: Person): Promise<URL> {
    const chosen = new URL(location);
    for (const [name, value] of Object.entries(person)) chosen.searchParams.set(name, String(value));
    const answer = await fetch(chosen, { redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? 'http://nowhere');
  }

  /** Brings the issuer's answer back, from an address of its own: only so many accounts can be made from one. */
  async function land(
    host: string,
    back: URL,
    cookie: string,
    address: string = newAddress(),
  ): Promise<Landing> {
    const { headers } = await request(port, host, `${back.pathname}${back.search}`, {
      headers: { cookie, 'cf-connecting-ip': address },
    });
    const page = new URL(headers.location ?? 'http://nowhere');
    const failure = page.searchParams.get('sign_in_failure');
    return { page, failure, ticket: page.hash.slice(1), cookie: cookiesOf(headers['set-cookie']) };
  }

  const complete = (host: string, ticket: string, cookie: string): Promise<JsonAnswer> =>
    requestJson(port, host, '/api/auth/sign-in/complete', {
      ...{ method: 'POST', body: { ticket }, headers: { cookie } },
    });

  /** Signs a person in up to the web app's page. */
  async function arrive(
    host: string,
    providerId: string,
    person: Person,
    address?: string,
  ): Promise<Landing> {
    const { location, cookie } = await begin(host, providerId);
    return land(host, await choose(location, person), cookie, address);
  }

  /** Signs a person in. */
  async function signInAs(host: string, providerId: string, person: Person): Promise<JsonAnswer> {
    const { ticket, cookie, failure } = await arrive(host, providerId, person);
    if (failure !== null) throw new Error(`The sign-in failed: ${failure}`);
    return complete(host, ticket, cookie);
  }

  return { issuerOf, requestFor, begin, choose, land, complete, arrive, signInAs };
}
