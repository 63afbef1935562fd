import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { insertRow } from '../support/test-database.ts';

/** Two tenants and the platform, with the rows that every table needs to refer to. */

export const PLATFORM_ID = '00000000-0000-7000-8000-000000000001';
const PLATFORM_LEVEL_ID = '00000000-0000-7000-8000-000000000002';

/** The holder of a row, relative to the acting user. */
export const holders = ['own', 'colleague', 'foreign', 'platform'] as const;
export type Holder = (typeof holders)[number];

/** The rows a holder's row refers to. `spare_user_id` is a user of the same tenant without any rows. */
export type Place = {
  tenant_id: string;
  user_id: string;
  spare_user_id: string;
  level_id: string;
  /** A level of the same tenant without a policy. */
  spare_level_id: string;
  provider_id: string;
  model_id: string;
  /** The identity provider. */
  sign_in_provider_id: string;
  /** A webhook endpoint, an event that was not delivered to it, and an alert. */
  webhook_endpoint_id: string;
  webhook_event_id: string;
  alert_id: string;
  conversation_id: string;
  /** The superadmin of the platform. */
  superadmin_id: string;
};

export type World = { places: Record<Holder, Place>; admin_id: string };

export const text = (prefix: string) => `${prefix}-${randomBytes(6).toString('hex')}`;

export const userRow = (tenant_id: string, level_id: string, id = uuidv7()) => ({
  tenant_id,
  id,
  email: `${text('somebody')}@example.test`,
  name: 'Somebody',
  password_hash: 'not-a-hash',
  level_id,
});

export const providerRow = (tenant_id: string, id = uuidv7()) => ({
  tenant_id,
  id,
  name: text('provider'),
  kind: 'openai',
  priority: 1,
  api_key_ciphertext: 'ciphertext',
});

export const modelRow = (tenant_id: string, provider_id: string, id = uuidv7()) => ({
  tenant_id,
  id,
  provider_id,
  public_name: text('model'),
  provider_model: 'model',
  context_window_tokens: 1_000,
  max_output_tokens: 100,
});

export const signInProviderRow = (tenant_id: string, id = uuidv7()) => ({
  tenant_id,
  id,
  kind: 'oidc',
  name: text('issuer'),
  issuer: 'https://issuer.example',
  client_id: 'client',
  client_secret_ciphertext: 'ciphertext',
});

/** Disabled: an event of another test would wake it. */
export const webhookEndpointRow = (tenant_id: string, id = uuidv7()) => ({
  tenant_id,
  id,
  url: 'https://hooks.example/events',
  event_types: '{wallet.credited}',
  enabled: false,
  secret_ciphertext: 'ciphertext',
});

export const webhookEventRow = (tenant_id: string, id = uuidv7()) => ({
  ...{ tenant_id, id, type: 'wallet.credited', occurred_at: '2026-11-23T00:00:00Z', data: '{}' },
});

export const alertRow = (tenant_id: string, id = uuidv7()) => ({
  ...{ tenant_id, id, kind: 'provider_failing', subject: uuidv7(), data: '{}' },
});

export const conversationRow = (tenant_id: string, user_id: string) => ({
  ...{ tenant_id, user_id, id: uuidv7() },
  ...{ title_ciphertext: 'ciphertext', settings_ciphertext: 'ciphertext' },
});

export const levelRow = (tenant_id: string, id = uuidv7()) => ({
  tenant_id,
  id,
  slug: text('level'),
  name: 'A level',
});

export const tenantRow = (id = uuidv7()) => ({
  id,
  slug: text('tenant'),
  name: 'A tenant',
  primary_color: '#123456',
});

async function makeUser(owner: pg.Client, tenantId: string, levelId: string, role = 'user'): Promise<string> {
  const row = { ...userRow(tenantId, levelId), role };
  await insertRow(owner, 'users', row);
  return row.id;
}

/** Tests of older migrations lack newer tables. */
async function hasTable(owner: pg.Client, name: string): Promise<boolean> {
  const { rows } = await owner.query('select to_regclass($1) as found', [name]);
  return rows[0].found !== null;
}

type LocalPlace = Omit<Place, 'superadmin_id'>;

async function makePlace(
  owner: pg.Client,
  tenantId: string,
  levelId: string,
  role = 'user',
): Promise<LocalPlace> {
  const provider = providerRow(tenantId);
  await insertRow(owner, 'ai_providers', provider);
  const model = modelRow(tenantId, provider.id);
  await insertRow(owner, 'ai_models', model);
  const signInProvider = signInProviderRow(tenantId);
  if (await hasTable(owner, 'sign_in_providers')) await insertRow(owner, 'sign_in_providers', signInProvider);
  const webhookEndpoint = webhookEndpointRow(tenantId);
  const webhookEvent = webhookEventRow(tenantId);
  const alert = alertRow(tenantId);
  if (await hasTable(owner, 'webhook_endpoints')) {
    await insertRow(owner, 'webhook_endpoints', webhookEndpoint);
    await insertRow(owner, 'webhook_events', webhookEvent);
    await insertRow(owner, 'alerts', alert);
  }
  const userId = await makeUser(owner, tenantId, levelId, role);
  const conversation = conversationRow(tenantId, userId);
  if (await hasTable(owner, 'conversations')) await insertRow(owner, 'conversations', conversation);
  return {
    webhook_endpoint_id: webhookEndpoint.id,
    webhook_event_id: webhookEvent.id,
    alert_id: alert.id,
    tenant_id: tenantId,
    user_id: userId,
    spare_user_id: await makeUser(owner, tenantId, levelId),
    level_id: levelId,
    spare_level_id: await makeLevel(owner, tenantId),
    provider_id: provider.id,
    model_id: model.id,
    sign_in_provider_id: signInProvider.id,
    conversation_id: conversation.id,
  };
}

async function makeLevel(owner: pg.Client, tenantId: string): Promise<string> {
  const row = levelRow(tenantId);
  await insertRow(owner, 'levels', row);
  return row.id;
}

async function makeTenant(owner: pg.Client): Promise<string> {
  const row = tenantRow();
  await insertRow(owner, 'tenants', row);
  if (await hasTable(owner, 'tenant_budgets'))
    await owner.query(
      `update tenant_budgets set mode = 'monthly', limit_micro_usd = 1000000000 where tenant_id = $1`,
      [row.id],
    );
  return row.id;
}

export async function makeWorld(owner: pg.Client): Promise<World> {
  const home = await makeTenant(owner);
  const abroad = await makeTenant(owner);
  const own = await makePlace(owner, home, await makeLevel(owner, home));
  const platform = await makePlace(owner, PLATFORM_ID, PLATFORM_LEVEL_ID, 'superadmin');
  const known = (place: LocalPlace): Place => ({ ...place, superadmin_id: platform.user_id });
  return {
    places: {
      own: known(own),
      colleague: known(await makePlace(owner, home, await makeLevel(owner, home))),
      foreign: known(await makePlace(owner, abroad, await makeLevel(owner, abroad))),
      platform: known(platform),
    },
    admin_id: await makeUser(owner, home, own.level_id, 'admin'),
  };
}

/** Opens a session of the platform's superadmin in a tenant. Returns its id. */
export async function openActingSession(
  owner: pg.Client,
  { tenant_id, superadmin_id }: Pick<Place, 'tenant_id' | 'superadmin_id'>,
): Promise<string> {
  const id = uuidv7();
  await owner.query(
    `insert into acting_sessions (tenant_id, id, superadmin_id, reason, expires_at)
     values ($1, $2, $3, 'A reason', now() + interval '15 minutes')`,
    [tenant_id, id, superadmin_id],
  );
  return id;
}

/** Where somebody signs in from, in tests that do not ask. */
export const somewhere = { address: '203.0.113.7', agent: null };
