import { PLATFORM_TENANT_ID as PLATFORM_ID } from '../contracts/tenants/platform.ts';

/**
 * The data of a fresh local stack: two tenants with different brands and prices, users to sign in as, and a catalog with all
 * three providers. Ids are fixed, so that seeding again is idempotent. They are UUIDv7s in the order of listing, since lists
 * sort by id.
 */

/** The level of the platform's own tenant. The migrations create both. */
const OPERATORS_LEVEL_ID = '00000000-0000-7000-8000-000000000002';

/** The password of every demo user. */
export const DEMO_PASSWORD = 'vanilla-demo-2026';

const demoId = (number: number) => `01900000-0000-7000-8000-${number.toString().padStart(12, '0')}`;

const ACME_ID = demoId(1);
const GLOBEX_ID = demoId(2);

/** The demo's tenants, besides the platform's own. */
export const demoTenants = [
  {
    id: ACME_ID,
    slug: 'acme',
    name: 'Acme',
    tagline: 'Ideas, delivered by rocket',
    primary_color: '#0f766e',
  },
  {
    id: GLOBEX_ID,
    slug: 'globex',
    name: 'Globex',
    tagline: 'The world, worked out',
    primary_color: '#c2410c',
  },
];

/** The simulated identity provider of a demo tenant. Its issuer is the simulators' origin of this run. */
export const demoSignInProvider = {
  tenant_id: GLOBEX_ID,
  id: demoId(601),
  kind: 'oidc',
  name: 'Example ID (simulated)',
  client_id: 'globex',
  creates_accounts: true,
} as const;

/** Levels of the demo's tenants; allocations are in wallet tokens. */
export const demoLevels = [
  {
    tenant_id: ACME_ID,
    id: demoId(11),
    slug: 'free',
    name: 'Free',
    is_default: true,
    allocation_tokens: 50_000,
  },
  {
    tenant_id: ACME_ID,
    id: demoId(12),
    slug: 'pro',
    name: 'Pro',
    is_default: false,
    allocation_tokens: 1_000_000,
  },
  {
    tenant_id: GLOBEX_ID,
    id: demoId(21),
    slug: 'starter',
    name: 'Starter',
    is_default: true,
    allocation_tokens: 100_000,
  },
  {
    tenant_id: GLOBEX_ID,
    id: demoId(22),
    slug: 'team',
    name: 'Team',
    is_default: false,
    allocation_tokens: 2_000_000,
  },
];

/** Users to sign in as: a user and an admin of each tenant, and a superadmin. */
export const demoUsers = [
  {
    tenant_id: ACME_ID,
    id: demoId(101),
    email: 'user@acme.test',
    name: 'Mina Okafor',
    role: 'user',
    level_id: demoId(12),
  },
  {
    tenant_id: ACME_ID,
    id: demoId(102),
    email: 'admin@acme.test',
    name: 'Jonas Brandt',
    role: 'admin',
    level_id: demoId(12),
  },
  {
    tenant_id: GLOBEX_ID,
    id: demoId(201),
    email: 'user@globex.test',
    name: 'Priya Nair',
    role: 'user',
    level_id: demoId(22),
  },
  {
    tenant_id: GLOBEX_ID,
    id: demoId(202),
    email: 'admin@globex.test',
    name: 'Tomás Vega',
    role: 'admin',
    level_id: demoId(22),
  },
  {
    tenant_id: PLATFORM_ID,
    id: demoId(301),
    email: 'super@vanilla.test',
    name: 'Sam Whitfield',
    role: 'superadmin',
    level_id: OPERATORS_LEVEL_ID,
  },
] as const;

/** The platform's providers: official endpoints and the platform's own keys, unless the stack simulates them. */
export const demoProviders = [
  { tenant_id: PLATFORM_ID, id: demoId(401), name: 'OpenAI', kind: 'openai', priority: 10 },
  { tenant_id: PLATFORM_ID, id: demoId(402), name: 'Anthropic', kind: 'anthropic', priority: 20 },
  { tenant_id: PLATFORM_ID, id: demoId(403), name: 'Google', kind: 'google', priority: 30 },
] as const;

const gpt = {
  provider_id: demoId(401),
  provider_model: 'gpt-5.4-mini',
  context_window_tokens: 400_000,
  max_output_tokens: 128_000,
};
const claude = {
  provider_id: demoId(402),
  provider_model: 'claude-haiku-4-5',
  context_window_tokens: 200_000,
  max_output_tokens: 64_000,
};
const gemini = {
  provider_id: demoId(403),
  provider_model: 'gemini-3.5-flash-lite',
  context_window_tokens: 1_048_576,
  max_output_tokens: 65_536,
};

const embedding = {
  provider_id: demoId(401),
  kind: 'embedding',
  provider_model: 'text-embedding-3-small',
  context_window_tokens: 8_192,
  max_output_tokens: 0,
} as const;
const geminiEmbedding = {
  ...embedding,
  provider_id: demoId(403),
  provider_model: 'gemini-embedding-001',
  context_window_tokens: 2_048,
} as const;
const image = {
  ...embedding,
  kind: 'image',
  provider_model: 'gpt-image-2.6-flare',
  context_window_tokens: 32_000,
  max_output_tokens: 6_240,
} as const;
const speech = {
  ...embedding,
  kind: 'speech',
  provider_model: 'gpt-4o-mini-tts',
  context_window_tokens: 4_096,
  max_output_tokens: 4_096,
} as const;
const transcription = {
  ...embedding,
  kind: 'transcription',
  provider_model: 'gpt-4o-transcribe',
  context_window_tokens: 16_000,
  max_output_tokens: 2_000,
} as const;
const moderation = {
  ...embedding,
  kind: 'moderation',
  provider_model: 'omni-moderation-latest',
  context_window_tokens: 32_768,
} as const;

/** Each model by its own name, and `auto`, which all three serve: when one fails, the next one is tried. */
export const demoModels = [
  { tenant_id: PLATFORM_ID, id: demoId(501), public_name: 'gpt-5.4-mini', ...gpt },
  { tenant_id: PLATFORM_ID, id: demoId(502), public_name: 'claude-haiku-4-5', ...claude },
  { tenant_id: PLATFORM_ID, id: demoId(503), public_name: 'gemini-3.5-flash-lite', ...gemini },
  { tenant_id: PLATFORM_ID, id: demoId(504), public_name: 'auto', ...gpt },
  { tenant_id: PLATFORM_ID, id: demoId(505), public_name: 'auto', ...claude },
  { tenant_id: PLATFORM_ID, id: demoId(506), public_name: 'auto', ...gemini },
  { tenant_id: PLATFORM_ID, id: demoId(507), public_name: 'text-embedding-3-small', ...embedding },
  { tenant_id: PLATFORM_ID, id: demoId(508), public_name: 'gemini-embedding-001', ...geminiEmbedding },
  { tenant_id: PLATFORM_ID, id: demoId(509), public_name: 'omni-moderation-latest', ...moderation },
  { tenant_id: PLATFORM_ID, id: demoId(510), public_name: 'gpt-image-2.6-flare', ...image },
  { tenant_id: PLATFORM_ID, id: demoId(511), public_name: 'gpt-4o-mini-tts', ...speech },
  { tenant_id: PLATFORM_ID, id: demoId(512), public_name: 'gpt-4o-transcribe', ...transcription },
];

/** The rates of a model that has nothing but input: the other classes cannot occur. */
const inputOnly = (micro_usd_per_million: number, wallet_tokens_per_1000: number) => ({
  input_micro_usd_per_million: micro_usd_per_million,
  cache_read_micro_usd_per_million: 0,
  cache_write_micro_usd_per_million: 0,
  output_micro_usd_per_million: 0,
  input_wallet_tokens_per_1000: wallet_tokens_per_1000,
  cache_read_wallet_tokens_per_1000: 0,
  cache_write_wallet_tokens_per_1000: 0,
  output_wallet_tokens_per_1000: 0,
});

/** Cost in micro-USD per million provider tokens, from the providers' price lists of November 2026, and wallet tokens per 1,000. */
const prices = [
  {
    provider_model: 'gpt-5.4-mini',
    input_micro_usd_per_million: 750_000,
    cache_read_micro_usd_per_million: 75_000,
    cache_write_micro_usd_per_million: 750_000,
    output_micro_usd_per_million: 4_500_000,
    input_wallet_tokens_per_1000: 1_000,
    cache_read_wallet_tokens_per_1000: 100,
    cache_write_wallet_tokens_per_1000: 1_000,
    output_wallet_tokens_per_1000: 4_000,
  },
  {
    provider_model: 'claude-haiku-4-5',
    input_micro_usd_per_million: 1_000_000,
    cache_read_micro_usd_per_million: 100_000,
    cache_write_micro_usd_per_million: 1_250_000,
    cache_write_1h_micro_usd_per_million: 2_000_000,
    output_micro_usd_per_million: 5_000_000,
    input_wallet_tokens_per_1000: 2_000,
    cache_read_wallet_tokens_per_1000: 200,
    cache_write_wallet_tokens_per_1000: 2_500,
    cache_write_1h_wallet_tokens_per_1000: 4_000,
    output_wallet_tokens_per_1000: 10_000,
  },
  {
    provider_model: 'gemini-3.5-flash-lite',
    input_micro_usd_per_million: 300_000,
    cache_read_micro_usd_per_million: 30_000,
    cache_write_micro_usd_per_million: 300_000,
    output_micro_usd_per_million: 2_500_000,
    input_wallet_tokens_per_1000: 1_000,
    cache_read_wallet_tokens_per_1000: 100,
    cache_write_wallet_tokens_per_1000: 1_000,
    output_wallet_tokens_per_1000: 4_000,
  },
  { provider_model: 'text-embedding-3-small', ...inputOnly(20_000, 100) },
  { provider_model: 'gemini-embedding-001', ...inputOnly(150_000, 200) },
  // An example: the price of a simulated model.
  {
    provider_model: 'gpt-image-2.6-flare',
    ...inputOnly(5_000_000, 1_000),
    input_image_micro_usd_per_million: 8_000_000,
    output_image_micro_usd_per_million: 30_000_000,
    input_image_wallet_tokens_per_1000: 1_500,
    output_image_wallet_tokens_per_1000: 6_000,
  },
  {
    provider_model: 'gpt-4o-mini-tts',
    ...inputOnly(600_000, 1_000),
    output_audio_micro_usd_per_million: 12_000_000,
    output_audio_wallet_tokens_per_1000: 4_000,
  },
  {
    provider_model: 'gpt-4o-transcribe',
    ...inputOnly(2_500_000, 1_000),
    output_micro_usd_per_million: 10_000_000,
    output_wallet_tokens_per_1000: 4_000,
    input_audio_micro_usd_per_million: 6_000_000,
    input_audio_wallet_tokens_per_1000: 2_000,
  },
  // OpenAI asks nothing for moderations.
  { provider_model: 'omni-moderation-latest', ...inputOnly(0, 10) },
];

/** The platform's price list: the first version of every model's price. */
export const demoPrices = demoModels.flatMap(({ tenant_id, id, provider_model }) =>
  prices
    .filter((price) => price.provider_model === provider_model)
    .map(({ provider_model: _, ...figures }) => ({
      tenant_id,
      model_tenant_id: tenant_id,
      model_id: id,
      version: 1,
      effective_from: '2026-01-01T00:00:00Z',
      ...figures,
    })),
);
