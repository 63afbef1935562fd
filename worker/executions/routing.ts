import { hash } from 'node:crypto';
import { BoundedMap } from '../../contracts/bounded-map.ts';
import type { Routing } from '../../contracts/catalog/model-routing.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { candidatesOf, type ReadyCandidate } from '../catalog/candidates.ts';
import { publicNameOf, routeOf } from '../catalog/model-names.ts';
import type { CallerSnapshot, Candidate, TenantSnapshot } from '../db/snapshots.ts';
import { Latencies } from '../providers/failover/latencies.ts';
import { routedOrder } from '../providers/failover/routing.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** The candidates of a request's models, in the order in which they are tried. What an isolate knows of calls is kept here. */

type Candidates = [ReadyCandidate, ...ReadyCandidate[]];
type Refusal = Extract<Awaited<ReturnType<typeof candidatesOf>>, { ok: false }>['failure'];

/** Latencies of this isolate. */
const latencies = new Latencies();

/** Longest time between two turns after which a provider is still asked first: no cache is kept longer. */
const KEPT_MS = 3_600_000;
/** Most conversations that an isolate remembers. */
const CONVERSATIONS_MAX = 10_000;

/** The model that answered a conversation last, by the conversation's key. */
const answered = new BoundedMap<string, { key: string; at_ms: number }>(CONVERSATIONS_MAX);

/** Returns the key of a model and its credential. */
const keyOf = ({ provider, provider_model }: Pick<Candidate, 'provider' | 'provider_model'>): string =>
  `${provider.tenant_id}/${provider.id}/${provider.api_key_version}/${provider_model}`;

/** Records the time to the first event of a call for a tenant, or to its failure. */
export const recordLatency = (
  tenant_id: string,
  candidate: Candidate,
  call: { latency_ms: number; failed: boolean },
): void => latencies.record(tenant_id, keyOf(candidate), call, Date.now());

/** Remembers that a model has answered a conversation. */
export function rememberAnswer(conversation: string | null, candidate: Candidate): void {
  if (conversation !== null) answered.set(conversation, { key: keyOf(candidate), at_ms: Date.now() });
}

function answeredBy(conversation: string | null): string | null {
  const last = conversation === null ? undefined : answered.get(conversation);
  return last === undefined || Date.now() - last.at_ms > KEPT_MS ? null : last.key;
}

/** Returns the key of a conversation of a user: a hash of its beginning, which every turn repeats. */
const conversationKey = ({ tenant_id, user_id }: WalletIdentity, beginning: string): string =>
  `${tenant_id}/${user_id}/${hash('sha256', beginning, 'hex')}`;

/** The models of a request, and the circumstances of their choice. */
export type RoutedRequest = {
  /** The names that are asked for, public or aliases, in the order in which they are tried. */
  asked: readonly [string, ...string[]];
  /** Returns the part of a conversation that every turn repeats; null without one. */
  beginning: () => string | null;
  /** The same seed gives the same order by weight. */
  seed: string;
  /** False leaves out what this isolate knows, so that every isolate decides the same. */
  knows_isolate: boolean;
};

/** The candidates of a request, with the choice as the journal records it. */
export type RoutedCandidates = {
  candidates: Candidates;
  /** The public name that is tried first. */
  model: string;
  /** Absent if the one name that was asked for is tried by priority. */
  routing?: Routing;
  /** The key of the conversation, if its provider is kept; else null. */
  conversation: string | null;
};

type Found = { name: string; candidates: Candidates };

/** Returns the models of each name. `unavailable` ones are left out if others are there; any other refusal names its place. */
async function foundModels(
  deps: Pick<Dependencies, 'settings' | 'log'>,
  tenant: TenantSnapshot,
  caller: Pick<CallerSnapshot, 'allowed_models' | 'api_key'>,
  names: readonly string[],
): Promise<Result<[Found, ...Found[]], Refusal & { place: number }>> {
  const found = await Promise.all(names.map((name) => candidatesOf(deps, name, tenant, caller)));
  const refused = found.findIndex((one) => !one.ok && one.failure.code !== 'unavailable');
  const refusal = found[refused];
  if (refusal?.ok === false) return fail({ ...refusal.failure, place: refused });
  const [first, ...rest] = found.flatMap((one, place): Found[] =>
    one.ok ? [{ name: names[place] ?? '', candidates: one.value }] : [],
  );
  return first === undefined ? fail({ code: 'unavailable', place: 0 }) : ok([first, ...rest]);
}

function ordered(
  tenant: TenantSnapshot,
  { name, candidates }: Found,
  { seed, knows_isolate }: Pick<RoutedRequest, 'seed' | 'knows_isolate'>,
  kept: string | null,
): Candidates {
  const { strategy, keeps_provider } = routeOf(tenant, name);
  const keyed = candidates.map((candidate) => ({
    candidate,
    key: keyOf(candidate),
    weight: candidate.weight,
  }));
  const known = knows_isolate ? keyed.map(({ key }) => [key, latencies.of(tenant.id, key, Date.now())]) : [];
  const order = routedOrder(keyed, {
    // What an isolate has measured is not known to the others.
    strategy: strategy === 'least_latency' && !knows_isolate ? 'priority' : strategy,
    seed,
    latencies_ms: new Map(known.filter((one): one is [string, number] => one[1] !== null)),
    kept: keeps_provider ? kept : null,
  });
  return order.map(({ candidate }) => candidate) as Candidates;
}

/** Returns what the journal records of a choice: nothing if one public name is tried by priority. */
function recordOf(
  tenant: TenantSnapshot,
  asked: RoutedRequest['asked'],
  [first]: [Found, ...Found[]],
  isKept: boolean,
): { routing?: Routing } {
  const { strategy } = routeOf(tenant, first.name);
  const isPlain = asked.length === 1 && asked[0] === first.name && strategy === 'priority' && !isKept;
  return isPlain ? {} : { routing: { asked_models: [...asked], strategy, kept: isKept } };
}

/** Returns the candidates of all models of a request: those of the first come first, each in the order of its routing. */
export async function routedCandidates(
  deps: Pick<Dependencies, 'settings' | 'log'>,
  tenant: TenantSnapshot,
  caller: Pick<CallerSnapshot, 'allowed_models' | 'api_key'> & { user: { id: string } },
  request: RoutedRequest,
): Promise<Result<RoutedCandidates, Refusal & { place: number }>> {
  const { asked, seed } = request;
  const names = [...new Set(asked.map((name) => publicNameOf(tenant, name)))];
  const found = await foundModels(deps, tenant, caller, names);
  if (!found.ok) {
    const refused = names[found.failure.place];
    const place = asked.findIndex((name) => publicNameOf(tenant, name) === refused);
    return fail({ ...found.failure, place });
  }
  const [first] = found.value;
  const beginning = routeOf(tenant, first.name).keeps_provider ? request.beginning() : null;
  const wallet = { tenant_id: tenant.id, user_id: caller.user.id };
  const conversation = beginning === null ? null : conversationKey(wallet, beginning);
  const kept = request.knows_isolate ? answeredBy(conversation) : null;
  // The conversation is the seed where its provider is kept, so that isolates which have not seen it draw alike.
  const terms = { ...request, seed: conversation ?? seed };
  const candidates = found.value.flatMap((one) => ordered(tenant, one, terms, kept)) as Candidates;
  const isKept = kept !== null && keyOf(candidates[0]) === kept;
  return ok({
    candidates,
    model: first.name,
    ...recordOf(tenant, asked, found.value, isKept),
    conversation,
  });
}
