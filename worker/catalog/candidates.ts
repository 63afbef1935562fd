import type { AppliedPrice } from '../../contracts/catalog/price.ts';
import { platformSettingsOf } from '../../contracts/catalog/provider-kinds.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CallerSnapshot, Candidate, TenantSnapshot } from '../db/snapshots.ts';
import type { ProviderTarget } from '../providers/provider.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Settings } from '../runtime/settings.ts';
import { openProviderKey } from './provider-credentials.ts';

type Credential = Pick<ProviderTarget, 'kind' | 'base_url' | 'secret'>;

/** A candidate that can be called now: it has a price and a credential. */
export type ReadyCandidate = Candidate & { price: AppliedPrice; credential: Credential };

/**
 * The platform's own credential, for a provider without one. It is sent to the platform's endpoint only, never to a base URL from
 * a row.
 */
function platformCredential({ provider }: Candidate, settings: Settings): Credential | null {
  const { kind, base_url, api_key_ciphertext } = provider;
  if (api_key_ciphertext !== null || base_url !== null) return null;
  const names = platformSettingsOf(kind);
  const secret = settings[names.api_key];
  return secret === null ? null : { kind, base_url: settings[names.base_url], secret };
}

/** The credential of a candidate: the provider's own with the base URL that it is bound to, or the platform's. Null when neither can be used. */
async function credentialOf(
  deps: Pick<Dependencies, 'settings' | 'log'>,
  candidate: Candidate,
): Promise<Credential | null> {
  const { kind, base_url, api_key_ciphertext } = candidate.provider;
  if (api_key_ciphertext === null) return platformCredential(candidate, deps.settings);
  const secret = await openProviderKey(deps, candidate.provider, api_key_ciphertext);
  return secret === null ? null : { kind, base_url, secret };
}

/** The restrictions on the models that a caller may use. */
type Allowed = Pick<CallerSnapshot, 'allowed_models' | 'api_key'>;

/** True when the caller's level and, for a call by API key, the key allow the model. */
const isAllowed = ({ allowed_models, api_key }: Allowed, name: string) =>
  [allowed_models, api_key?.allowed_models ?? null].every((models) => models?.includes(name) ?? true);

/** Candidates that have a credential and that the caller may use, in the order of attempts. Pure. */
export const reachableCandidates = (
  candidates: readonly Candidate[],
  caller: Allowed,
  settings: Settings,
): Candidate[] =>
  candidates.filter(
    (candidate) =>
      isAllowed(caller, candidate.public_name) &&
      (candidate.provider.api_key_ciphertext !== null || platformCredential(candidate, settings) !== null),
  );

/**
 * The candidates of a public model name, with their credentials. `unknown_model` when the caller can use none, `model_unpriced`
 * when none has a price, `unavailable` when no credential can be decrypted.
 */
export async function candidatesOf(
  deps: Pick<Dependencies, 'settings' | 'log'>,
  model: string,
  tenant: TenantSnapshot,
  caller: Allowed,
): Promise<
  Result<[ReadyCandidate, ...ReadyCandidate[]], { code: 'unknown_model' | 'model_unpriced' | 'unavailable' }>
> {
  const candidates = tenant.candidates.filter(({ public_name }) => public_name === model);
  const named = reachableCandidates(candidates, caller, deps.settings);
  const priced = named.flatMap((candidate) =>
    candidate.price === null ? [] : [{ ...candidate, price: candidate.price }],
  );
  if (priced.length === 0) return fail({ code: named.length > 0 ? 'model_unpriced' : 'unknown_model' });
  const opened = await Promise.all(
    priced.map(async (candidate) => ({ ...candidate, credential: await credentialOf(deps, candidate) })),
  );
  const [first, ...rest] = opened.flatMap(({ credential, ...candidate }) =>
    credential === null ? [] : [{ ...candidate, credential }],
  );
  return first === undefined ? fail({ code: 'unavailable' }) : ok([first, ...rest]);
}
