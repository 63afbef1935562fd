import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readText, sendJson } from '../http.ts';
import { describeIssues } from '../simulated-api.ts';
import { choicePage } from './pages.ts';
import { type IssuerMode, isIssuerMode, makeIdToken, makeKeys, type Person } from './tokens.ts';

/** The path of the issuer below the simulators' origin, and the secret of every client. */
export const ISSUER_PATH = '/issuer';
export const CLIENT_SECRET = 'simulated-secret';

/** Longer than the Worker waits. */
const SLOW_MS = 8_000;

/** A code that was given out: what the token needs, and what the token endpoint has to be shown. */
type Grant = { client_id: string; redirect_uri: string; nonce: string; challenge: string; person: Person };

const authorization = z.object({
  client_id: z.string().min(1),
  redirect_uri: z.url(),
  response_type: z.literal('code'),
  scope: z.string().regex(/\bopenid\b/),
  state: z.string().min(1),
  nonce: z.string().min(1),
  code_challenge: z.string().min(43),
  code_challenge_method: z.literal('S256'),
});

/** The parameters that the page adds to say who was chosen. */
const chosenPerson = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  email_verified: z.stringbool().optional(),
  name: z.string().optional(),
});

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** An issuer with its address, which names how it misbehaves. */
type Asked = { issuer: string; mode: IssuerMode };

/**
 * An issuer of OpenID Connect at `/issuer`, with a page to choose a person. Below it, at paths such as `/issuer/wrong_nonce`, are issuers
 * that misbehave in the way that the path names (docs/simulators.md).
 */
export class SimulatedIssuer {
  readonly #keys = makeKeys();
  readonly #grants = new Map<string, Grant>();

  #discovery(response: ServerResponse, { issuer, mode }: Asked): void {
    const isFailing = mode === 'failing_discovery';
    sendJson(response, isFailing ? 500 : 200, {
      issuer: mode === 'other_discovery' ? 'https://issuer.example' : issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: mode === 'private_endpoint' ? 'http://10.0.0.1/token' : `${issuer}/token`,
      ...(mode === 'no_keys' ? {} : { jwks_uri: `${issuer}/keys` }),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      ...(mode === 'huge_discovery' ? { padding: 'x'.repeat(300_000) } : {}),
    });
  }

  #authorize(response: ServerResponse, { issuer }: Asked, query: URLSearchParams): void {
    const asked = authorization.safeParse(Object.fromEntries(query));
    if (!asked.success) {
      sendJson(response, 400, { error: describeIssues(asked.error) });
      return;
    }
    const { client_id, redirect_uri, state, nonce, code_challenge: challenge } = asked.data;
    const back = (parameters: Record<string, string>) => {
      const address = new URL(redirect_uri);
      for (const [name, value] of Object.entries({ ...parameters, state }))
        address.searchParams.set(name, value);
      return address.href;
    };
    const person = chosenPerson.safeParse(Object.fromEntries(query));
    if (!person.success) {
      const choice = (one: Person) =>
        `${issuer}/authorize?${new URLSearchParams([...query, ...Object.entries(one).map(([name, value]) => [name, String(value)])])}`;
      response.writeHead(200, { 'x-simulated': 'true', 'content-type': 'text/html; charset=utf-8' });
      response.end(choicePage(new URL(redirect_uri).host, choice, back({ error: 'access_denied' })));
      return;
    }
    const code = randomBytes(16).toString('base64url');
    this.#grants.set(code, { client_id, redirect_uri, nonce, challenge, person: person.data });
    response.writeHead(302, { 'x-simulated': 'true', location: back({ code }) });
    response.end();
  }

  async #token(response: ServerResponse, { issuer, mode }: Asked, form: URLSearchParams): Promise<void> {
    if (mode === 'failing') return sendJson(response, 500, { error: 'failing' });
    if (mode === 'slow') await new Promise((done) => setTimeout(done, SLOW_MS));
    if (form.get('client_secret') !== CLIENT_SECRET)
      return sendJson(response, 401, { error: 'invalid_client' });
    const code = form.get('code') ?? '';
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    const isTheirs =
      grant !== undefined &&
      grant.client_id === form.get('client_id') &&
      grant.redirect_uri === form.get('redirect_uri') &&
      grant.challenge === challengeOf(form.get('code_verifier') ?? '');
    if (!isTheirs) return sendJson(response, 400, { error: 'invalid_grant' });
    const { client_id, nonce, person } = grant;
    const id_token = await makeIdToken(await this.#keys, { issuer, client_id, nonce, person, mode });
    const tokens = { access_token: 'simulated', token_type: 'Bearer', expires_in: 3_600 };
    sendJson(response, 200, mode === 'no_token' ? tokens : { ...tokens, id_token });
  }

  /** Answers a request to the issuer. Returns false for other paths. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const [, mode = 'none', operation] =
      /^\/issuer(?:\/([a-z_]+))?\/(\.well-known\/openid-configuration|keys|authorize|token)$/.exec(
        url.pathname,
      ) ?? [];
    if (!isIssuerMode(mode)) return false;
    const below = mode === 'none' ? ISSUER_PATH : `${ISSUER_PATH}/${mode}`;
    const asked = { mode, issuer: `http://${incoming.headers.host}${below}` };
    switch (`${incoming.method} ${operation}`) {
      case 'GET .well-known/openid-configuration':
        this.#discovery(response, asked);
        return true;
      case 'GET keys':
        sendJson(response, 200, { keys: [(await this.#keys).published] });
        return true;
      case 'GET authorize':
        this.#authorize(response, asked, url.searchParams);
        return true;
      case 'POST token':
        await this.#token(response, asked, new URLSearchParams(await readText(incoming)));
        return true;
      default:
        return false;
    }
  }
}
