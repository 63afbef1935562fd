import { createHash, randomBytes, randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  alertRow,
  conversationRow,
  type Holder,
  levelRow,
  modelRow,
  type Place,
  providerRow,
  signInProviderRow,
  tenantRow,
  text,
  userRow,
  webhookEndpointRow,
  webhookEventRow,
} from './world.ts';

/**
 * The identity of a transaction. `impostor` has set the role `operator` without being the owner. `acting` is a superadmin inside the
 * tenant.
 */
export const contexts = ['nobody', 'impostor', 'user', 'admin', 'service', 'superadmin', 'acting'] as const;
export type Context = (typeof contexts)[number];

export const operations = ['select', 'insert', 'update', 'delete', 'truncate'] as const;
export type Operation = (typeof operations)[number];

type Row = Record<string, unknown>;

/** The rows that an operation reaches in each context. */
type Reach = Partial<Record<Context, readonly Holder[]>>;
/** The Worker's rights on a table. Everything not listed must be impossible. */
type Rights = Partial<Record<Operation, Reach>>;

/** The rows that an operation reaches in a context. Unless a fixture says otherwise, a superadmin inside a tenant is its admin. */
export const reachIn = (reach: Reach | undefined, context: Context): readonly Holder[] =>
  reach?.[context] ?? (context === 'acting' ? reach?.admin : undefined) ?? [];

export type Fixture = {
  /** A new row, as the owner or the Worker would insert it. */
  newRow: (place: Place, context: Context) => Row;
  /** The key of an existing row; without it, `newRow` is inserted first. */
  existing?: (place: Place) => Row;
  /** The holders that can have a row; all if absent. */
  holders?: readonly Holder[];
  /** A column outside the key. */
  updates: string;
  rights: Rights;
};

const tenantsRows = ['own', 'colleague'] as const;
const sharedRows = ['own', 'colleague', 'platform'] as const;
/** Rows of tenants other than the platform. */
const tenantRows = ['own', 'colleague', 'foreign'] as const;
const allRows = ['own', 'colleague', 'foreign', 'platform'] as const;

/** Readable by their user, by admins and the service of the tenant, and by superadmins. */
const readPersonally = {
  user: ['own'],
  admin: tenantsRows,
  service: tenantsRows,
  superadmin: allRows,
} as const;
/** Readable by admins and the service of the tenant, and by superadmins. */
const readByAdmins = { admin: tenantsRows, service: tenantsRows, superadmin: allRows } as const;
/** Readable by the service of the tenant, and by superadmins. */
const readByService = { service: tenantsRows, superadmin: allRows } as const;
const readInTenant = {
  user: tenantsRows,
  admin: tenantsRows,
  service: tenantsRows,
  superadmin: allRows,
} as const;
const readShared = { user: sharedRows, admin: sharedRows, service: sharedRows, superadmin: allRows } as const;
/** The platform's row belongs to the acting superadmin. */
const byTheirUser = { user: ['own'], superadmin: ['platform'] } as const;
const byService = { service: tenantsRows } as const;
const byAdministrators = { admin: tenantsRows, superadmin: allRows } as const;

/** Rows of the tenant of an administrator; a superadmin's is the platform. */
const inOwnTenant = { admin: tenantsRows, superadmin: ['platform'] } as const;

/** The role that the audit log names in a context. */
const actorRoles = {
  ...{ nobody: 'service', impostor: 'service', user: 'user', admin: 'admin', service: 'service' },
  ...{ superadmin: 'superadmin', acting: 'superadmin' },
} as const;

const hash = () => randomBytes(32).toString('hex');

const policy = {
  mode: 'lifetime',
  allocation_tokens: 1,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: '{80}',
  reservation_lifetime_ms: 60_000,
  in_flight_max: 10,
};

const walletFigures = {
  seq: 1,
  monthly: 0,
  lifetime: 1,
  reserved: 0,
  overage: 0,
  period: '2026-11',
  policy_version: 1,
};

const findings = {
  status: 'ok',
  checkpoint: '{}',
  wallet_seq: 1,
  differences: '[]',
  checked_at: '2026-11-23T00:00:00Z',
};

const ledgerEntry = () => ({
  seq: randomInt(2, 2 ** 40),
  kind: 'credit',
  operation_id: text('operation'),
  amount: 1,
  monthly_delta: 0,
  lifetime_delta: 1,
  reserved_delta: 0,
  overage: 0,
  monthly_after: 0,
  lifetime_after: 1,
  reserved_after: 0,
  overage_after: 0,
  period: '2026-11',
  policy_version: 1,
  actor_kind: 'system',
  at_ms: 1,
  prev_hash: hash(),
  hash: hash(),
});

const price = {
  input_micro_usd_per_million: 1,
  cache_read_micro_usd_per_million: 1,
  cache_write_micro_usd_per_million: 1,
  output_micro_usd_per_million: 1,
  input_wallet_tokens_per_1000: 1,
  cache_read_wallet_tokens_per_1000: 1,
  cache_write_wallet_tokens_per_1000: 1,
  output_wallet_tokens_per_1000: 1,
};

/** The key of a row of usage by user, without its time. */
const usageKey = ({ tenant_id, user_id, provider_id, level_id }: Place) => ({
  ...{ tenant_id, user_id, api_key_id: uuidv7(), model: text('model'), provider_id, level_id },
  key_owner: 'platform',
});

/** Every table, by its qualified name. The suite fails when one is missing. */
export const fixtures: Record<string, Fixture> = {
  'public.tenants': {
    newRow: () => tenantRow(),
    existing: ({ tenant_id }) => ({ id: tenant_id }),
    updates: 'stores_contents',
    rights: { select: readInTenant, update: byAdministrators },
  },
  'public.acting_sessions': {
    newRow: ({ tenant_id, superadmin_id }) => ({
      tenant_id,
      id: uuidv7(),
      superadmin_id,
      reason: 'A reason',
      expires_at: new Date().toISOString(),
    }),
    // The platform's own tenant is never entered.
    holders: ['own', 'colleague', 'foreign'],
    updates: 'ended_at',
    rights: {
      select: { admin: tenantsRows, superadmin: tenantRows },
      insert: { superadmin: tenantRows },
      update: { superadmin: tenantRows, acting: tenantsRows },
    },
  },
  'public.tenant_assets': {
    newRow: ({ tenant_id }) => {
      const content = randomBytes(16);
      const hash = createHash('sha256').update(content).digest('hex');
      return { tenant_id, hash, media_type: 'image/png', content };
    },
    updates: 'media_type',
    rights: { select: readInTenant, insert: byAdministrators, delete: byAdministrators },
  },
  'public.tenant_domains': {
    newRow: ({ tenant_id }) => ({
      tenant_id,
      id: uuidv7(),
      hostname: text('host'),
      verification_token: text('token'),
    }),
    updates: 'status',
    rights: {
      select: readByAdmins,
      // An admin claims in their own name only, which no holder of these rows has.
      insert: { acting: tenantsRows },
      update: byService,
    },
  },
  'public.levels': {
    newRow: ({ tenant_id }) => levelRow(tenant_id),
    updates: 'name',
    rights: { select: readInTenant, insert: byAdministrators, update: byAdministrators },
  },
  'public.users': {
    newRow: ({ tenant_id, level_id }) => userRow(tenant_id, level_id),
    existing: ({ tenant_id, user_id }) => ({ tenant_id, id: user_id }),
    updates: 'signed_out_at',
    rights: { select: readPersonally, insert: byService, update: { ...byAdministrators, user: ['own'] } },
  },
  'public.level_token_policies': {
    newRow: ({ tenant_id, level_id }) => ({ tenant_id, level_id, ...policy }),
    updates: 'allocation_tokens',
    rights: { select: readInTenant, insert: byAdministrators, update: byAdministrators },
  },
  'public.user_token_policies': {
    newRow: ({ tenant_id, user_id }) => ({ tenant_id, user_id, ...policy }),
    updates: 'allocation_tokens',
    rights: { select: readPersonally, insert: byAdministrators, update: byAdministrators },
  },
  'public.user_token_wallets': {
    newRow: ({ tenant_id, user_id }) => ({
      tenant_id,
      user_id,
      ...walletFigures,
    }),
    updates: 'lifetime',
    rights: { select: readPersonally, insert: byService, update: byService },
  },
  'public.user_token_ledger': {
    newRow: ({ tenant_id, user_id }) => ({ tenant_id, user_id, ...ledgerEntry() }),
    updates: 'amount',
    rights: { select: readPersonally, insert: byService },
  },
  'public.wallet_reconciliations': {
    newRow: ({ tenant_id, user_id }) => ({
      tenant_id,
      user_id,
      ...findings,
    }),
    updates: 'status',
    rights: { select: readByAdmins, insert: byService, update: byService },
  },
  'public.tenant_budgets': {
    newRow: ({ tenant_id }) => ({ tenant_id }),
    updates: 'markup_basis_points',
    rights: { select: readByAdmins, update: { superadmin: allRows } },
  },
  'public.tenant_wallets': {
    newRow: ({ tenant_id }) => ({ tenant_id, ...walletFigures }),
    updates: 'lifetime',
    rights: { select: readByAdmins, insert: byService, update: byService },
  },
  'public.tenant_ledger': {
    newRow: ({ tenant_id }) => ({ tenant_id, ...ledgerEntry() }),
    updates: 'amount',
    rights: { select: readByAdmins, insert: byService },
  },
  'public.tenant_wallet_reconciliations': {
    newRow: ({ tenant_id }) => ({ tenant_id, ...findings }),
    updates: 'status',
    rights: { select: readByAdmins, insert: byService, update: byService },
  },
  'public.ai_providers': {
    newRow: ({ tenant_id }) => providerRow(tenant_id),
    updates: 'enabled',
    rights: {
      select: { admin: tenantsRows, service: sharedRows, superadmin: allRows },
      insert: byAdministrators,
      update: byAdministrators,
      delete: byAdministrators,
    },
  },
  'public.ai_models': {
    newRow: ({ tenant_id, provider_id }) => modelRow(tenant_id, provider_id),
    updates: 'enabled',
    rights: {
      select: readShared,
      insert: byAdministrators,
      update: byAdministrators,
      delete: byAdministrators,
    },
  },
  'public.ai_model_aliases': {
    newRow: ({ tenant_id }) => ({ tenant_id, alias: text('alias'), public_name: text('model') }),
    updates: 'public_name',
    rights: { select: readShared, insert: byAdministrators, delete: byAdministrators },
  },
  'public.ai_model_routes': {
    newRow: ({ tenant_id }) => ({
      tenant_id,
      public_name: text('model'),
      strategy: 'weighted',
      keeps_provider: true,
    }),
    updates: 'keeps_provider',
    rights: { select: readShared, insert: byAdministrators, update: byAdministrators },
  },
  'public.ai_model_prices': {
    newRow: ({ tenant_id, model_id }) => ({
      tenant_id,
      model_tenant_id: tenant_id,
      model_id,
      version: randomInt(1, 2 ** 30),
      ...price,
    }),
    updates: 'effective_from',
    rights: { select: readShared, insert: byAdministrators },
  },
  'public.ai_executions': {
    newRow: ({ tenant_id, user_id }) => ({ tenant_id, id: uuidv7(), user_id, status: 'running' }),
    updates: 'status',
    rights: { select: readPersonally, insert: byService, update: byService },
  },
  'public.daily_usage': {
    newRow: ({ tenant_id, provider_id }) => ({
      ...{ tenant_id, day: '2026-11-23', model: text('model'), provider_id, key_owner: 'platform' },
    }),
    updates: 'executions',
    rights: { select: readByAdmins, insert: byService, update: byService },
  },
  'public.daily_user_usage': {
    newRow: (place) => ({ day: '2026-11-23', ...usageKey(place) }),
    updates: 'executions',
    rights: { select: readPersonally, insert: byService, update: byService },
  },
  'public.hourly_user_usage': {
    newRow: (place) => ({ hour: 490_000, ...usageKey(place) }),
    updates: 'executions',
    rights: { select: readPersonally, insert: byService, update: byService },
  },
  'public.provider_calls': {
    newRow: ({ tenant_id }) => ({ tenant_id, provider_id: uuidv7(), slot: 1, hour: 49 }),
    updates: 'calls',
    rights: { select: readByService, insert: byService, update: byService },
  },
  'public.ai_execution_contents': {
    newRow: ({ tenant_id, user_id }) => ({ tenant_id, execution_id: uuidv7(), user_id, input: '{}' }),
    updates: 'output',
    rights: {
      select: { ...byTheirUser, ...byService },
      insert: { ...byTheirUser, ...byService },
      update: byService,
      delete: { ...byTheirUser, ...byService },
    },
  },
  'public.user_files': {
    newRow: ({ tenant_id, user_id }) => ({
      ...{ tenant_id, id: uuidv7(), user_id, filename: text('file'), media_type: 'text/plain' },
      ...{ bytes: 1, purpose: 'user_data', expires_at: '2100-01-01T00:00:00Z' },
    }),
    updates: 'filename',
    // The service reaches what has expired alone.
    rights: { select: byTheirUser, insert: byTheirUser, delete: byTheirUser },
  },
  'public.conversations': {
    newRow: ({ tenant_id, user_id }) => conversationRow(tenant_id, user_id),
    updates: 'title_ciphertext',
    rights: { select: byTheirUser, insert: byTheirUser, update: byTheirUser, delete: byTheirUser },
  },
  'public.conversation_messages': {
    newRow: ({ tenant_id, user_id, conversation_id }) => ({
      ...{ tenant_id, user_id, conversation_id, id: uuidv7() },
      ...{ role: 'user', content_ciphertext: 'ciphertext', bytes: 1 },
    }),
    updates: 'content_ciphertext',
    rights: { select: byTheirUser, insert: byTheirUser, update: byTheirUser, delete: byTheirUser },
  },
  'public.account_tokens': {
    newRow: ({ tenant_id, user_id }) => ({
      tenant_id,
      user_id,
      purpose: 'verify_email',
      token_hash: randomBytes(32),
      mail_id: text('mail'),
      expires_at: '2100-01-01T00:00:00Z',
    }),
    updates: 'mail_id',
    rights: {},
  },
  'public.sign_in_providers': {
    newRow: ({ tenant_id }) => signInProviderRow(tenant_id),
    updates: 'enabled',
    rights: {
      select: readByAdmins,
      insert: byAdministrators,
      update: byAdministrators,
      delete: byAdministrators,
    },
  },
  'public.user_identities': {
    newRow: ({ tenant_id, user_id, sign_in_provider_id }) => ({
      tenant_id,
      user_id,
      provider_id: sign_in_provider_id,
      subject: text('subject'),
    }),
    updates: 'email',
    rights: { select: readPersonally },
  },
  'public.user_factors': {
    newRow: ({ tenant_id, user_id }) => ({
      ...{ tenant_id, id: uuidv7(), user_id, kind: 'passkey', name: text('passkey') },
      ...{ credential_id: text('credential'), public_key: 'key', hostname: 'acme.example' },
    }),
    updates: 'name',
    rights: {
      select: readPersonally,
      insert: { ...byTheirUser, ...byService },
      update: { ...byTheirUser, ...byService },
      delete: { ...byAdministrators, ...byService, user: ['own'] },
    },
  },
  'public.recovery_codes': {
    newRow: ({ tenant_id, user_id }) => ({ tenant_id, id: uuidv7(), user_id, code_hash: randomBytes(32) }),
    updates: 'created_at',
    rights: {
      select: readPersonally,
      insert: { ...byTheirUser, ...byService },
      delete: { ...byAdministrators, ...byService, user: ['own'] },
    },
  },
  'public.api_keys': {
    newRow: ({ tenant_id, user_id }) => ({
      tenant_id,
      id: uuidv7(),
      user_id,
      name: text('key'),
      prefix: 'vk_live',
      key_hash: randomBytes(32),
    }),
    updates: 'revoked_at',
    rights: {
      select: readPersonally,
      insert: byTheirUser,
      update: { ...byAdministrators, ...byService, user: ['own'] },
    },
  },
  'public.invitations': {
    newRow: ({ tenant_id, user_id }) => ({
      tenant_id,
      id: uuidv7(),
      email: `${text('guest')}@example.test`,
      role: 'user',
      token_hash: randomBytes(32),
      invited_by: user_id,
      expires_at: '2100-01-01T00:00:00Z',
    }),
    updates: 'revoked_at',
    rights: {
      select: byAdministrators,
      // An admin invites in their own name only, which no holder of these rows has.
      insert: { superadmin: allRows },
      update: byAdministrators,
    },
  },
  'public.audit_clients': {
    newRow: ({ tenant_id }) => ({ tenant_id, entry_id: uuidv7(), address: '203.0.113.7' }),
    updates: 'agent',
    rights: { select: readByAdmins, insert: byService, delete: byService },
  },
  'public.sessions': {
    newRow: ({ tenant_id, user_id }) => ({
      ...{ tenant_id, id: uuidv7(), user_id, address: '203.0.113.7' },
      ...{ issued_at: '2026-01-01T00:00:00Z', expires_at: '2100-01-01T00:00:00Z' },
    }),
    updates: 'ended_at',
    rights: {
      select: { ...byTheirUser, ...byService },
      insert: byService,
      update: byTheirUser,
      delete: byService,
    },
  },
  'public.management_keys': {
    newRow: ({ tenant_id, user_id }) => ({
      ...{ tenant_id, id: uuidv7(), name: text('key'), prefix: 'vsm_123456', scopes: '{users:read}' },
      ...{ key_hash: randomBytes(32), created_by: user_id },
    }),
    updates: 'revoked_at',
    rights: {
      select: byAdministrators,
      // An admin makes a key in their own name only, which no holder of these rows has.
      update: { admin: tenantsRows },
    },
  },
  'public.webhook_endpoints': {
    newRow: ({ tenant_id }) => webhookEndpointRow(tenant_id),
    updates: 'url',
    rights: {
      select: { ...inOwnTenant, ...byService },
      insert: inOwnTenant,
      update: { ...inOwnTenant, ...byService },
      delete: inOwnTenant,
    },
  },
  'public.webhook_events': {
    newRow: ({ tenant_id }) => webhookEventRow(tenant_id),
    updates: 'data',
    rights: { select: { ...inOwnTenant, ...byService }, insert: byService, delete: byService },
  },
  'public.webhook_deliveries': {
    newRow: ({ tenant_id, webhook_endpoint_id, webhook_event_id }) => ({
      ...{ tenant_id, event_id: webhook_event_id, endpoint_id: webhook_endpoint_id },
    }),
    updates: 'attempts',
    rights: {
      select: { ...inOwnTenant, ...byService },
      insert: byService,
      update: { ...inOwnTenant, ...byService },
    },
  },
  'public.alerts': {
    newRow: ({ tenant_id }) => alertRow(tenant_id),
    updates: 'ended_at',
    rights: {
      select: { ...inOwnTenant, ...byService },
      insert: byService,
      update: byService,
      delete: byService,
    },
  },
  'public.alert_dismissals': {
    newRow: ({ tenant_id, user_id, alert_id }) => ({ tenant_id, alert_id, user_id }),
    updates: 'dismissed_at',
    rights: { select: byTheirUser, insert: byTheirUser },
  },
  'public.alert_settings': {
    newRow: ({ tenant_id, user_id }) => ({ tenant_id, user_id, mail_off: '{budget}' }),
    updates: 'mail_off',
    rights: { select: { ...byTheirUser, ...byService }, insert: byTheirUser, update: byTheirUser },
  },
  'public.alert_rules': {
    newRow: ({ tenant_id }) => ({ tenant_id, budget: false }),
    // Two users of a tenant share the row.
    holders: ['own', 'foreign', 'platform'],
    updates: 'budget',
    rights: {
      select: { admin: ['own'], superadmin: ['platform'], service: ['own'] },
      insert: { admin: ['own'], superadmin: ['platform'] },
      update: { admin: ['own'], superadmin: ['platform'] },
    },
  },
  'public.audit_log': {
    newRow: ({ tenant_id, user_id }, context) => ({
      tenant_id,
      id: uuidv7(),
      actor_user_id: user_id,
      actor_role: actorRoles[context],
      action: 'test.acted',
      target_type: 'user',
      target_id: user_id,
      request_id: text('request'),
    }),
    updates: 'action',
    rights: {
      select: { user: ['own'], admin: tenantsRows, superadmin: allRows },
      insert: { ...byTheirUser, ...byService },
    },
  },
};
