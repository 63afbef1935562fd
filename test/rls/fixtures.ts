import { randomBytes, randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  type Holder,
  levelRow,
  modelRow,
  type Place,
  providerRow,
  tenantRow,
  text,
  userRow,
} from './world.ts';

/** The identity of a transaction. `impostor` has set the role `operator` without being the owner. */
export const contexts = ['nobody', 'impostor', 'user', 'admin', 'service', 'superadmin'] as const;
export type Context = (typeof contexts)[number];

export const operations = ['select', 'insert', 'update', 'delete', 'truncate'] as const;
export type Operation = (typeof operations)[number];

type Row = Record<string, unknown>;

/** The Worker's rights on a table: the rows it reaches in each context. Everything not listed must be impossible. */
type Rights = Partial<Record<Operation, Partial<Record<Context, readonly Holder[]>>>>;

export type Fixture = {
  /** A new row, as the owner or the Worker would insert it. */
  newRow: (place: Place, context: Context) => Row;
  /** The key of an existing row; without it, `newRow` is inserted first. */
  existing?: (place: Place) => Row;
  /** A column outside the key. */
  updates: string;
  rights: Rights;
};

const tenantsRows = ['own', 'colleague'] as const;
const sharedRows = ['own', 'colleague', 'platform'] as const;
const allRows = ['own', 'colleague', 'foreign', 'platform'] as const;

/** Readable by their user, by admins and the service of the tenant, and by superadmins. */
const readPersonally = {
  user: ['own'],
  admin: tenantsRows,
  service: tenantsRows,
  superadmin: allRows,
} as const;
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

const ledgerRow = ({ tenant_id, user_id }: Place) => ({
  tenant_id,
  user_id,
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

/** Every table, by its qualified name. The suite fails when one is missing. */
export const fixtures: Record<string, Fixture> = {
  'public.tenants': {
    newRow: () => tenantRow(),
    existing: ({ tenant_id }) => ({ id: tenant_id }),
    updates: 'stores_contents',
    rights: { select: readInTenant, update: byAdministrators },
  },
  'public.tenant_domains': {
    newRow: ({ tenant_id }) => ({
      tenant_id,
      id: uuidv7(),
      hostname: text('host'),
      verification_token: text('token'),
    }),
    updates: 'status',
    rights: { select: { admin: tenantsRows, service: tenantsRows, superadmin: allRows } },
  },
  'public.levels': {
    newRow: ({ tenant_id }) => levelRow(tenant_id),
    updates: 'name',
    rights: { select: readInTenant, update: byAdministrators },
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
    rights: { select: readInTenant, update: byAdministrators },
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
      seq: 1,
      monthly: 0,
      lifetime: 1,
      reserved: 0,
      overage: 0,
      period: '2026-11',
      policy_version: 1,
    }),
    updates: 'lifetime',
    rights: { select: readPersonally, insert: byService, update: byService },
  },
  'public.user_token_ledger': {
    newRow: ledgerRow,
    updates: 'amount',
    rights: { select: readPersonally, insert: byService },
  },
  'public.wallet_reconciliations': {
    newRow: ({ tenant_id, user_id }) => ({
      tenant_id,
      user_id,
      status: 'ok',
      checkpoint: '{}',
      wallet_seq: 1,
      differences: '[]',
      checked_at: '2026-11-23T00:00:00Z',
    }),
    updates: 'status',
    rights: {
      select: { admin: tenantsRows, service: tenantsRows, superadmin: allRows },
      insert: byService,
      update: byService,
    },
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
  'public.audit_log': {
    newRow: ({ tenant_id, user_id }, context) => ({
      tenant_id,
      id: uuidv7(),
      actor_user_id: user_id,
      actor_role: context === 'nobody' || context === 'impostor' ? 'service' : context,
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
