import type { EffectivePrice, ModelPrice, Provider } from '../../../../contracts/api/catalog.ts';
import { type Capability, capability } from '../../../../contracts/chat.ts';
import { formatRate } from '../../lib/format.ts';
import type { CatalogModel } from './api/catalog.ts';

/** The catalog as administrators read it. Pure. */

/** A public name, and who serves it, in the order in which they are tried. */
export type NamedModel = { name: string; candidates: CatalogModel[] };

export const capabilityNames: Record<Capability, string> = {
  images: 'Images',
  image_urls: 'Images by address',
  tools: 'Tools',
  json_object: 'JSON',
  json_schema: 'JSON by schema',
};

export const providerNameOf = ({ provider }: CatalogModel): string => provider?.name ?? 'The platform';

const holds = (text: string, part: string) => text.toLowerCase().includes(part);

/** Models by their public names. `search` is a part of the name, of what the provider calls it, or of the provider's name. */
export function namedModels(models: CatalogModel[], search: string): NamedModel[] {
  const part = search.trim().toLowerCase();
  const found = models.filter((model) =>
    [model.public_name, model.provider_model, providerNameOf(model)].some((text) => holds(text, part)),
  );
  const names = new Set(found.map(({ public_name }) => public_name));
  const byName = Map.groupBy(
    models.filter(({ public_name }) => names.has(public_name)),
    ({ public_name }) => public_name,
  );
  return [...byName].map(([name, candidates]) => ({ name, candidates }));
}

export type ModelState = 'ready' | 'unpriced' | 'disabled' | 'provider_disabled';

/** Whether a model can be used, and if not, what stands in the way. */
export function modelStateOf(model: CatalogModel, providers: Provider[]): ModelState {
  if (!model.enabled) return 'disabled';
  if (providers.find(({ id }) => id === model.provider?.id)?.enabled === false) return 'provider_disabled';
  return model.price === null ? 'unpriced' : 'ready';
}

/** What a model cannot do though its provider could. */
export const missingCapabilities = ({ capabilities }: CatalogModel): string[] =>
  capability.options.filter((name) => capabilities[name] === false).map((name) => capabilityNames[name]);

/** What a user pays, in wallet tokens for one of the provider's. */
export function rateOf({ wallet_tokens_per_1000: { input, output } }: EffectivePrice): string {
  return `${formatRate(input)} per token in, ${formatRate(output)} out`;
}

export type PriceState = 'in_force' | 'cost_in_force' | 'planned' | 'past' | 'overruled';

/**
 * How a version of a price stands. `overruled`: it would hold, but the tenant's own list goes first. `cost_in_force`: so it is, but what
 * the provider charges still stands there. `inForce` is what the API says holds.
 */
export function priceStateOf(price: ModelPrice, inForce: EffectivePrice | null, nowMs: number): PriceState {
  if (inForce !== null && price.list === inForce.list && price.version === inForce.version) return 'in_force';
  const saysCost = price.micro_usd_per_million !== null;
  if (saysCost && inForce?.list !== price.list && inForce?.cost_version === price.version)
    return 'cost_in_force';
  if (Date.parse(price.effective_from) > nowMs) return 'planned';
  return inForce !== null && inForce.list !== price.list ? 'overruled' : 'past';
}
