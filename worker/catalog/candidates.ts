import type { AppliedPrice } from '../../contracts/price.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { CallerSnapshot, Candidate, TenantSnapshot } from '../db/snapshots.ts';
import type { ProviderTarget } from '../providers/provider.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Settings } from '../runtime/settings.ts';
import { openProviderKey } from './provider-credentials.ts';

type Credential = Pick<ProviderTarget, 'kind' | 'base_url' | 'api_key'>;

/** A candidate that can be called now: it has a price and a credential. */
export type ReadyCandidate = Candidate & { price: AppliedPrice; credential: Credential };

const platformKeys = (
  settings: Settings,
): Record<ProviderKind, { api_key: string | null; base_url: string | null }> => ({
  openai: { api_key: settings.OPENAI_API_KEY, base_url: settings.OPENAI_BASE_URL },
  anthropic: { api_key: settings.ANTHROPIC_API_KEY, base_url: settings.ANTHROPIC_BASE_URL },
  google: { api_key: settings.GOOGLE_API_KEY, base_url: settings.GOOGLE_BASE_URL },
});

/**
 * The platform's own key, for a provider without one. It goes to the platform's endpoint only: a row that names a base URL
 * never gets it.
 */
function platformCredential({ provider }: Candidate, settings: Settings): Credential | null {
  const { kind, base_url, api_key_ciphertext } = provider;
  if (api_key_ciphertext !== null || base_url !== null) return null;
  const platform = platformKeys(settings)[kind];
  return platform.api_key === null ? null : { kind, base_url: platform.base_url, api_key: platform.api_key };
}

/** A provider's own key goes where it was given for: the base URL in its row, which it is bound to. */
async function credentialOf(
  deps: Pick<Dependencies, 'settings' | 'log'>,
  candidate: Candidate,
): Promise<Credential | null> {
  const { kind, base_url, api_key_ciphertext } = candidate.provider;
  if (api_key_ciphertext === null) return platformCredential(candidate, deps.settings);
  const api_key = await openProviderKey(deps, candidate.provider, api_key_ciphertext);
  return api_key === null ? null : { kind, base_url, api_key };
}

/** What says which models a caller may use. */
type Allowed = Pick<CallerSnapshot, 'allowed_models' | 'api_key'>;

/** A model must be allowed by the caller's level and, where a key is behind the caller, by the key as well. */
const isAllowed = ({ allowed_models, api_key }: Allowed, name: string) =>
  [allowed_models, api_key?.allowed_models ?? null].every((models) => models?.includes(name) ?? true);

/** Candidates that the caller may use and that have a credential, in the order in which they are tried. Pure. */
export const reachableCandidates = (
  tenant: TenantSnapshot,
  caller: Allowed,
  settings: Settings,
): Candidate[] =>
  tenant.candidates.filter(
    (candidate) =>
      isAllowed(caller, candidate.public_name) &&
      (candidate.provider.api_key_ciphertext !== null || platformCredential(candidate, settings) !== null),
  );

/**
 * The candidates behind a public model name. A model that nobody priced is refused rather than given away. `unavailable` when
 * no key of theirs can be decrypted.
 */
export async function candidatesOf(
  deps: Pick<Dependencies, 'settings' | 'log'>,
  model: string,
  tenant: TenantSnapshot,
  caller: Allowed,
): Promise<
  Result<[ReadyCandidate, ...ReadyCandidate[]], { code: 'unknown_model' | 'model_unpriced' | 'unavailable' }>
> {
  const named = reachableCandidates(tenant, caller, deps.settings).filter(
    ({ public_name }) => public_name === model,
  );
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
