import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { modelKindIds, modelKinds } from '../../../contracts/catalog/model-kinds.ts';
import { routingStrategies, WEIGHT_MAX } from '../../../contracts/catalog/model-routing.ts';
import type { TieredRates } from '../../../contracts/catalog/price.ts';
import { providerKindIds } from '../../../contracts/catalog/provider-kinds.ts';
import type { ProviderSettings } from '../../../contracts/catalog/provider-settings.ts';
import {
  administered,
  both,
  either,
  isAdmin,
  isService,
  isSuperadmin,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofPlatform,
  ofTenant,
} from './access.ts';
import { amount, amountsInRange, createdAt, updatedAt } from './columns.ts';
import { tenants } from './tenancy.ts';

/** Providers. The platform's serve every tenant; a tenant can have its own. */
export const aiProviders = pgTable(
  'ai_providers',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: providerKindIds }).notNull(),
    /** Null means the official endpoint of the kind. */
    base_url: text('base_url'),
    /** Lower is tried first. */
    priority: integer('priority').notNull(),
    enabled: boolean('enabled').notNull().default(true),
    /** Encrypted credential. Null on a platform provider means the platform's own key, a secret of the Worker. */
    api_key_ciphertext: text('api_key_ciphertext'),
    api_key_version: integer('api_key_version').notNull().default(1),
    /** Settings (contracts/catalog/provider-settings.ts). Those that are missing have their default. */
    settings: jsonb('settings').$type<Partial<ProviderSettings>>().notNull().default({}),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique('ai_providers_name_once_per_tenant').on(t.tenant_id, t.name),
    // The limits of a journal entry. A longer name could be executed but never settled.
    check('ai_providers_name_fits_the_journal', sql`char_length(${t.name}) between 1 and 100`),
    check(
      'ai_providers_kind_is_known',
      sql`${t.kind} in (${sql.raw(providerKindIds.map((kind) => `'${kind}'`).join(', '))})`,
    ),
    // Plain HTTP is for the local stack, whose simulators listen on its own machine.
    check(
      'ai_providers_base_url_is_https',
      sql`${t.base_url} is null or ${t.base_url} ~ '^(https://|http://(localhost|127[.]0[.]0[.]1)[:/])'`,
    ),
    check(
      'ai_providers_settings_are_an_object',
      sql`jsonb_typeof(${t.settings}) = 'object' and octet_length(${t.settings}::text) <= 65536`,
    ),
    // A tenant's provider never uses the platform's key.
    check(
      'ai_providers_tenants_bring_their_key',
      sql`${t.api_key_ciphertext} is not null or ${t.tenant_id} = app.platform_tenant_id()`,
    ),
    // Rows hold an encrypted credential, so only callers who use or manage providers can read them.
    mayRead(
      "The service sees its tenant's providers and the platform's, admins their tenant's",
      either(
        both(ofTenant(t.tenant_id), either(isAdmin, isService)),
        both(ofPlatform(t.tenant_id), isService),
        isSuperadmin,
      ),
    ),
    mayInsert('Admins add providers to their tenant, superadmins to the platform', administered(t.tenant_id)),
    mayUpdate("Admins change their tenant's providers", administered(t.tenant_id)),
    mayDelete("Admins remove their tenant's providers", administered(t.tenant_id)),
  ],
);

const kindsWithOutput = modelKindIds
  .filter((kind) => modelKinds[kind].has_output)
  .map((kind) => `'${kind}'`)
  .join(', ');

/** One way to serve a public model name: a provider and its name for the model. Several rows may share a public name. */
export const aiModels = pgTable(
  'ai_models',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    provider_id: uuid('provider_id').notNull(),
    /** The task that the model runs. Never changes. */
    kind: text('kind', { enum: modelKindIds }).notNull().default('chat'),
    public_name: text('public_name').notNull(),
    provider_model: text('provider_model').notNull(),
    context_window_tokens: integer('context_window_tokens').notNull(),
    /** 0 for kinds whose answers have no tokens. */
    max_output_tokens: integer('max_output_tokens').notNull(),
    capabilities: jsonb('capabilities').$type<Record<string, boolean>>().notNull().default({}),
    /** Among models of providers with equal priority, lower is tried first. */
    priority: integer('priority').notNull().default(0),
    /** Share of the requests among models of one name that are chosen by weight. 0: only after all others. */
    weight: integer('weight').notNull().default(1),
    /**
     * The list price that the model's cost was last compared with: when it was added from the catalog file, or when an admin accepted or
     * declined a new one. Null for a model that was added by hand.
     */
    list_price: jsonb('list_price').$type<TieredRates>(),
    enabled: boolean('enabled').notNull().default(true),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({
      columns: [t.tenant_id, t.provider_id],
      foreignColumns: [aiProviders.tenant_id, aiProviders.id],
    }),
    unique('ai_models_candidate_once').on(t.tenant_id, t.provider_id, t.public_name, t.provider_model),
    index('ai_models_by_public_name').on(t.tenant_id, t.public_name),
    check(
      'ai_models_names_fit_the_journal',
      sql`char_length(${t.public_name}) between 1 and 200 and char_length(${t.provider_model}) between 1 and 200`,
    ),
    check(
      'ai_models_kind_is_known',
      sql`${t.kind} in (${sql.raw(modelKindIds.map((kind) => `'${kind}'`).join(', '))})`,
    ),
    check(
      'ai_models_limits_are_positive',
      sql`${t.context_window_tokens} > 0 and ${t.max_output_tokens} >= case when ${t.kind} in (${sql.raw(kindsWithOutput)}) then 1 else 0 end`,
    ),
    check('ai_models_weight_is_a_share', sql`${t.weight} between 0 and ${sql.raw(String(WEIGHT_MAX))}`),
    mayRead(
      "A tenant sees its own models and the platform's",
      either(ofTenant(t.tenant_id), ofPlatform(t.tenant_id), isSuperadmin),
    ),
    mayInsert('Admins add models to their tenant, superadmins to the platform', administered(t.tenant_id)),
    mayUpdate("Admins change their tenant's models", administered(t.tenant_id)),
    mayDelete("Admins remove their tenant's models", administered(t.tenant_id)),
  ],
);

/** Further names of models, such as dated ids. The platform's apply in every tenant that has no alias or model of that name. */
export const aiModelAliases = pgTable(
  'ai_model_aliases',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    alias: text('alias').notNull(),
    public_name: text('public_name').notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.alias] }),
    check(
      'ai_model_aliases_are_names',
      sql`char_length(${t.alias}) between 1 and 200 and char_length(${t.public_name}) between 1 and 200
        and ${t.alias} <> ${t.public_name}`,
    ),
    mayRead(
      "A tenant sees its own aliases and the platform's",
      either(ofTenant(t.tenant_id), ofPlatform(t.tenant_id), isSuperadmin),
    ),
    mayInsert('Admins add aliases to their tenant, superadmins to the platform', administered(t.tenant_id)),
    mayDelete("Admins remove their tenant's aliases", administered(t.tenant_id)),
  ],
);

/** The choice among the models of one public name. Without a row, the platform's applies, or else the order of priority. */
export const aiModelRoutes = pgTable(
  'ai_model_routes',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    public_name: text('public_name').notNull(),
    strategy: text('strategy', { enum: routingStrategies }).notNull(),
    /** True if a conversation goes on where its last turn was answered, whose provider may have it cached. */
    keeps_provider: boolean('keeps_provider').notNull(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.public_name] }),
    check(
      'ai_model_routes_strategy_is_known',
      sql`${t.strategy} in (${sql.raw(routingStrategies.map((strategy) => `'${strategy}'`).join(', '))})`,
    ),
    check('ai_model_routes_are_of_names', sql`char_length(${t.public_name}) between 1 and 200`),
    mayRead(
      "A tenant sees its own routes and the platform's",
      either(ofTenant(t.tenant_id), ofPlatform(t.tenant_id), isSuperadmin),
    ),
    mayInsert('Admins add routes to their tenant, superadmins to the platform', administered(t.tenant_id)),
    mayUpdate("Admins change their tenant's routes", administered(t.tenant_id)),
  ],
);

/**
 * Price lists. A row is one version of one model's price on one tenant's list; the platform's list applies where a tenant has
 * no price of its own. Prices change by new versions only, so the charge of every execution can be explained.
 */
export const aiModelPrices = pgTable(
  'ai_model_prices',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    model_tenant_id: uuid('model_tenant_id').notNull(),
    model_id: uuid('model_id').notNull(),
    version: integer('version').notNull(),
    effective_from: timestamp('effective_from', { withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow(),
    /**
     * The provider's price in micro-USD per million provider tokens. Set by the owner of the model only: null on a tenant's
     * list for a model of the platform, which pays for it.
     */
    input_micro_usd_per_million: amount('input_micro_usd_per_million'),
    cache_read_micro_usd_per_million: amount('cache_read_micro_usd_per_million'),
    cache_write_micro_usd_per_million: amount('cache_write_micro_usd_per_million'),
    output_micro_usd_per_million: amount('output_micro_usd_per_million'),
    /** The rate of what a cache keeps for an hour. Null for that of all that is written to it. */
    cache_write_1h_micro_usd_per_million: amount('cache_write_1h_micro_usd_per_million'),
    /** The rates of images and audio. Null for those of input and output. */
    input_image_micro_usd_per_million: amount('input_image_micro_usd_per_million'),
    input_audio_micro_usd_per_million: amount('input_audio_micro_usd_per_million'),
    output_image_micro_usd_per_million: amount('output_image_micro_usd_per_million'),
    output_audio_micro_usd_per_million: amount('output_audio_micro_usd_per_million'),
    /** The user's price in wallet tokens per 1,000 provider tokens. */
    input_wallet_tokens_per_1000: amount('input_wallet_tokens_per_1000').notNull(),
    cache_read_wallet_tokens_per_1000: amount('cache_read_wallet_tokens_per_1000').notNull(),
    cache_write_wallet_tokens_per_1000: amount('cache_write_wallet_tokens_per_1000').notNull(),
    output_wallet_tokens_per_1000: amount('output_wallet_tokens_per_1000').notNull(),
    cache_write_1h_wallet_tokens_per_1000: amount('cache_write_1h_wallet_tokens_per_1000'),
    input_image_wallet_tokens_per_1000: amount('input_image_wallet_tokens_per_1000'),
    input_audio_wallet_tokens_per_1000: amount('input_audio_wallet_tokens_per_1000'),
    output_image_wallet_tokens_per_1000: amount('output_image_wallet_tokens_per_1000'),
    output_audio_wallet_tokens_per_1000: amount('output_audio_wallet_tokens_per_1000'),
    /** The rates for long prompts, as the API takes them (contracts/catalog/price.ts). Null for one price whatever the length. */
    wallet_tiers: jsonb('wallet_tiers'),
    cost_tiers: jsonb('cost_tiers'),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.model_tenant_id, t.model_id, t.version] }),
    foreignKey({
      name: 'ai_model_prices_of_a_model',
      columns: [t.model_tenant_id, t.model_id],
      foreignColumns: [aiModels.tenant_id, aiModels.id],
    }),
    check(
      'ai_model_prices_price_own_or_platform_models',
      sql`${t.model_tenant_id} in (${t.tenant_id}, app.platform_tenant_id())`,
    ),
    check(
      'ai_model_prices_only_owners_say_what_it_costs',
      sql`num_nonnulls(${t.input_micro_usd_per_million}, ${t.cache_read_micro_usd_per_million},
        ${t.cache_write_micro_usd_per_million}, ${t.output_micro_usd_per_million})
        = case when ${t.tenant_id} = ${t.model_tenant_id} then 4 else 0 end`,
    ),
    check(
      'ai_model_prices_tiers_of_owners',
      sql`${t.cost_tiers} is null or ${t.tenant_id} = ${t.model_tenant_id}`,
    ),
    check(
      'ai_model_prices_media_costs_of_owners',
      sql`num_nonnulls(${t.input_image_micro_usd_per_million}, ${t.input_audio_micro_usd_per_million},
        ${t.output_image_micro_usd_per_million}, ${t.output_audio_micro_usd_per_million}) = 0
        or ${t.tenant_id} = ${t.model_tenant_id}`,
    ),
    check(
      'ai_model_prices_hour_cost_of_owners',
      sql`${t.cache_write_1h_micro_usd_per_million} is null or ${t.tenant_id} = ${t.model_tenant_id}`,
    ),
    amountsInRange(
      'ai_model_prices_hour_in_range',
      t.cache_write_1h_micro_usd_per_million,
      t.cache_write_1h_wallet_tokens_per_1000,
    ),
    amountsInRange(
      'ai_model_prices_media_in_range',
      t.input_image_micro_usd_per_million,
      t.input_audio_micro_usd_per_million,
      t.output_image_micro_usd_per_million,
      t.output_audio_micro_usd_per_million,
      t.input_image_wallet_tokens_per_1000,
      t.input_audio_wallet_tokens_per_1000,
      t.output_image_wallet_tokens_per_1000,
      t.output_audio_wallet_tokens_per_1000,
    ),
    amountsInRange(
      'ai_model_prices_in_range',
      t.input_micro_usd_per_million,
      t.cache_read_micro_usd_per_million,
      t.cache_write_micro_usd_per_million,
      t.output_micro_usd_per_million,
      t.input_wallet_tokens_per_1000,
      t.cache_read_wallet_tokens_per_1000,
      t.cache_write_wallet_tokens_per_1000,
      t.output_wallet_tokens_per_1000,
    ),
    mayRead(
      "A tenant sees its own price list and the platform's",
      either(ofTenant(t.tenant_id), ofPlatform(t.tenant_id), isSuperadmin),
    ),
    mayInsert(
      "Admins price on their tenant's list, superadmins on the platform's",
      administered(t.tenant_id),
    ),
  ],
);
