import type { EffectivePrice, ModelPrice, Provider } from '../../../../contracts/api/catalog.ts';
import { type ModelKind, modelKinds } from '../../../../contracts/catalog/model-kinds.ts';
import { rateOf as rateOfClass, type UsageClass } from '../../../../contracts/catalog/price.ts';
import { type Capability, capability } from '../../../../contracts/chat/chat.ts';
import { type Currency, formatAmount } from '../../lib/currency.ts';
import { formatTokens } from '../../lib/format.ts';
import type { CatalogModel } from './api/catalog.ts';

/** The catalog in the words and order of the admin pages. Pure. */

/** A public name with its candidates, in the order in which they are tried. */
export type NamedModel = { name: string; candidates: CatalogModel[] };

export const capabilityNames: Record<Capability, string> = {
  images: 'Images',
  image_urls: 'Images by URL',
  documents: 'Documents',
  audio: 'Audio',
  tools: 'Tools',
  json_object: 'JSON',
  json_schema: 'JSON schema',
};

export const modelProviderName = ({ provider }: CatalogModel): string => provider?.name ?? 'The platform';

const contains = (text: string, part: string) => text.toLowerCase().includes(part);

/** Models grouped by public name. `search` matches a part of the public name, of the model ID at the provider, or of the provider's name. */
export function namedModels(models: CatalogModel[], search: string): NamedModel[] {
  const part = search.trim().toLowerCase();
  const found = models.filter((model) =>
    [model.public_name, model.provider_model, modelProviderName(model)].some((text) => contains(text, part)),
  );
  const names = new Set(found.map(({ public_name }) => public_name));
  const byName = Map.groupBy(
    models.filter(({ public_name }) => names.has(public_name)),
    ({ public_name }) => public_name,
  );
  return [...byName].map(([name, candidates]) => ({ name, candidates }));
}

export type ModelState = 'ready' | 'unpriced' | 'disabled' | 'provider_disabled';

/** The state of a model: ready, or the first reason why it cannot be used. */
export function modelStateOf(model: CatalogModel, providers: Provider[]): ModelState {
  if (!model.enabled) return 'disabled';
  if (providers.find(({ id }) => id === model.provider?.id)?.enabled === false) return 'provider_disabled';
  return model.price === null ? 'unpriced' : 'ready';
}

/** Names of the capabilities that are turned off for a model. */
export const missingCapabilities = ({ capabilities }: CatalogModel): string[] =>
  capability.options.filter((name) => capabilities[name] === false).map((name) => capabilityNames[name]);

/** The class of the output of kinds whose answers are no text. */
const outputClasses: Partial<Record<ModelKind, UsageClass>> = {
  image: 'output_image',
  speech: 'output_audio',
};

/** The price that users pay, in the unit in which it is entered, such as `1,000 credits in, 4,000 out, per 1,000 tokens`. */
export function rateOf(
  { wallet_tokens_per_1000: rates }: EffectivePrice,
  { kind }: Pick<CatalogModel, 'kind'>,
  currency: Currency,
): string {
  const ofInput = `${formatAmount(rates.input, currency)} in`;
  const output = rateOfClass(rates, outputClasses[kind] ?? 'output');
  const price = modelKinds[kind].has_output ? `${ofInput}, ${formatTokens(output)} out` : ofInput;
  return `${price}, per 1,000 tokens`;
}

export type PriceState = 'in_force' | 'cost_in_force' | 'planned' | 'past' | 'overruled';

/**
 * The state of a price version. `inForce` is the price that applies now. `overruled`: the tenant's own price applies instead of this
 * platform price. `cost_in_force`: the same, and the cost of this version still applies.
 */
export function priceStateOf(price: ModelPrice, inForce: EffectivePrice | null, nowMs: number): PriceState {
  if (inForce !== null && price.list === inForce.list && price.version === inForce.version) return 'in_force';
  const setsCost = price.micro_usd_per_million !== null;
  if (setsCost && inForce?.list !== price.list && inForce?.cost_version === price.version)
    return 'cost_in_force';
  if (Date.parse(price.effective_from) > nowMs) return 'planned';
  return inForce !== null && inForce.list !== price.list ? 'overruled' : 'past';
}
