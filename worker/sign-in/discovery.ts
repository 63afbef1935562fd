import * as oauth from 'oauth4webapi';
import type { DiscoveryRule } from '../../contracts/api/account/sign-in.ts';
import { BoundedMap } from '../../contracts/bounded-map.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { refuseBaseUrl } from '../catalog/base-url.ts';
import { bounded, unfollowed } from '../providers/transport/guarded-fetch.ts';
import type { Settings } from '../runtime/settings.ts';

/**
 * Requests to issuers of OpenID Connect, which tenants choose: public servers alone, without redirects, for 5 seconds at most, and with
 * answers of at most 256 KiB.
 */

const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 256 * 1_024;
/** The time for which a document is kept. Its keys are kept for 5 minutes, by the library. */
const KEPT_MS = 600_000;
const FAILURE_KEPT_MS = 10_000;

type IssuerSettings = Pick<Settings, 'ALLOW_LOCAL_BASE_URLS' | 'PLATFORM_DOMAIN' | 'PLATFORM_HOSTNAMES'>;

/** An issuer's document names an address that the Worker does not call. */
class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused';
}

/** Returns the rule that an address of an issuer breaks, or null. Endpoints may have a query. Pure. */
export function refuseEndpoint(address: string, settings: IssuerSettings): string | null {
  const url = URL.parse(address);
  if (url === null) return 'must be a URL';
  url.search = '';
  return refuseBaseUrl(url.href, settings, settings.ALLOW_LOCAL_BASE_URLS);
}

/** Returns the options of every request of the library. */
export function issuerRequests(settings: IssuerSettings) {
  const call = async (
    address: string,
    { method, headers, body, signal }: oauth.CustomFetchOptions<string, URLSearchParams | undefined>,
  ): Promise<Response> => {
    if (refuseEndpoint(address, settings) !== null) throw new EndpointRefused();
    const init = { method, headers, body: body ?? null, signal: signal ?? null };
    return bounded(await unfollowed(address, init), ANSWER_BYTES_MAX);
  };
  return {
    [oauth.customFetch]: call,
    // The rule above allows plain HTTP to this machine, on the local stack alone.
    [oauth.allowInsecureRequests]: settings.ALLOW_LOCAL_BASE_URLS,
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
  };
}

const sentences = {
  not_allowed: 'The Worker does not call this address.',
  unreachable: 'The issuer did not answer within 5 seconds. Check the address.',
  status: 'There is no discovery document below this address. Check the issuer.',
  not_json: "The issuer's document is not JSON.",
  too_large: "The issuer's document is too large.",
  other_issuer: "The issuer's document names another issuer. Enter the issuer exactly as its document does.",
  missing_endpoint: "The issuer's document lacks the addresses to sign in, to get tokens or of the keys.",
  endpoint_not_allowed: "The issuer's document names an address that is not a public https address.",
} as const satisfies Record<DiscoveryRule, string>;

export type DiscoveryFailure = { code: 'discovery_failed'; rule: DiscoveryRule; message: string };
const broken = (rule: DiscoveryRule, message: string = sentences[rule]) =>
  fail<DiscoveryFailure>({ code: 'discovery_failed', rule, message });

/** Returns why a request to an issuer failed, by the library's codes. */
function ruleOf(error: unknown): DiscoveryRule {
  if (error instanceof EndpointRefused) return 'endpoint_not_allowed';
  if (!(error instanceof oauth.OperationProcessingError)) return 'unreachable';
  if (error.code === oauth.JSON_ATTRIBUTE_COMPARISON) return 'other_issuer';
  if (error.code === oauth.RESPONSE_IS_NOT_CONFORM) return 'status';
  // The library reads the body, and wraps what stops that.
  const { cause } = error;
  return cause instanceof Error && cause.message.startsWith('The answer is larger')
    ? 'too_large'
    : 'not_json';
}

/** An issuer whose document is complete. */
export type Issuer = oauth.AuthorizationServer &
  Required<Pick<oauth.AuthorizationServer, 'authorization_endpoint' | 'token_endpoint' | 'jwks_uri'>>;

function completeIssuer(
  document: oauth.AuthorizationServer,
  settings: IssuerSettings,
): Result<Issuer, DiscoveryFailure> {
  const { authorization_endpoint, token_endpoint, jwks_uri } = document;
  if (authorization_endpoint === undefined || token_endpoint === undefined || jwks_uri === undefined)
    return broken('missing_endpoint');
  const addresses = [authorization_endpoint, token_endpoint, jwks_uri];
  if (addresses.some((address) => refuseEndpoint(address, settings) !== null))
    return broken('endpoint_not_allowed');
  return ok({ ...document, authorization_endpoint, token_endpoint, jwks_uri });
}

/** Reads the document of an issuer. */
export async function readIssuer(
  issuer: string,
  settings: IssuerSettings,
): Promise<Result<Issuer, DiscoveryFailure>> {
  const rule = refuseBaseUrl(issuer, settings, settings.ALLOW_LOCAL_BASE_URLS);
  if (rule !== null) return broken('not_allowed', `The issuer ${rule}.`);
  const url = new URL(issuer);
  try {
    const response = await oauth.discoveryRequest(url, issuerRequests(settings));
    return completeIssuer(await oauth.processDiscoveryResponse(url, response), settings);
  } catch (error) {
    return broken(ruleOf(error));
  }
}

/** Documents that this isolate has read, by tenant and issuer. A failure is kept as well, so that nobody makes us ask again and again. */
const documents = new BoundedMap<string, { read: Result<Issuer, DiscoveryFailure>; until_ms: number }>(200);

/** Returns the document of a tenant's issuer, at most 10 minutes old, or a failure of the last 10 seconds. */
export async function issuerOf(
  tenantId: string,
  issuer: string,
  settings: IssuerSettings,
): Promise<Result<Issuer, DiscoveryFailure>> {
  const key = `${tenantId} ${issuer}`;
  const known = documents.get(key);
  if (known !== undefined && Date.now() < known.until_ms) return known.read;
  const read = await readIssuer(issuer, settings);
  documents.set(key, { read, until_ms: Date.now() + (read.ok ? KEPT_MS : FAILURE_KEPT_MS) });
  return read;
}
