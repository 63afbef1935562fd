import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { CallerSnapshot, Candidate, Price, TenantSnapshot } from '../db/snapshots.ts';
import type { Settings } from '../env.ts';
import type { ProviderTarget } from '../providers/provider.ts';

/** A candidate that can be called now: it has a price and a credential. */
export type ReadyCandidate = Candidate & {
  price: Price;
  credential: Pick<ProviderTarget, 'kind' | 'base_url' | 'api_key'>;
};

const platformKeys = (
  settings: Settings,
): Record<ProviderKind, { api_key: string | null; base_url: string | null }> => ({
  openai: { api_key: settings.OPENAI_API_KEY, base_url: settings.OPENAI_BASE_URL },
  anthropic: { api_key: settings.ANTHROPIC_API_KEY, base_url: settings.ANTHROPIC_BASE_URL },
  google: { api_key: settings.GOOGLE_API_KEY, base_url: settings.GOOGLE_BASE_URL },
});

/**
 * The credential of a platform provider is the platform's own key, and goes to the platform's endpoint only: a row that
 * names a base URL never gets it.
 */
function credentialOf(candidate: Candidate, settings: Settings): ReadyCandidate['credential'] | null {
  const { kind, base_url, api_key_ciphertext } = candidate.provider;
  if (api_key_ciphertext !== null || base_url !== null) return null;
  const platform = platformKeys(settings)[kind];
  return platform.api_key === null ? null : { kind, base_url: platform.base_url, api_key: platform.api_key };
}

/** A model must be allowed by the caller's level and, where a key is behind the caller, by the key as well. */
const isAllowed = ({ allowed_models, api_key }: CallerSnapshot, name: string) =>
  [allowed_models, api_key?.allowed_models ?? null].every((models) => models?.includes(name) ?? true);

/** Candidates that have a credential, in the order in which they are tried. Pure. */
export function reachableCandidates(tenant: TenantSnapshot, caller: CallerSnapshot, settings: Settings) {
  return tenant.candidates.flatMap((candidate) => {
    const credential = isAllowed(caller, candidate.public_name) ? credentialOf(candidate, settings) : null;
    return credential === null ? [] : [{ ...candidate, credential }];
  });
}

/** The candidates behind a public model name. A model that nobody priced is refused rather than given away. Pure. */
export function candidatesOf(
  model: string,
  tenant: TenantSnapshot,
  caller: CallerSnapshot,
  settings: Settings,
): Result<[ReadyCandidate, ...ReadyCandidate[]], { code: 'unknown_model' | 'model_unpriced' }> {
  const named = reachableCandidates(tenant, caller, settings).filter(
    ({ public_name }) => public_name === model,
  );
  const [first, ...rest] = named.flatMap((candidate) =>
    candidate.price === null ? [] : [{ ...candidate, price: candidate.price }],
  );
  if (first !== undefined) return ok([first, ...rest]);
  return fail({ code: named.length > 0 ? 'model_unpriced' : 'unknown_model' });
}
