import { describe, expect, it } from 'vitest';
import type { TenantSnapshot } from '../../../worker/db/snapshots.ts';
import {
  type RoutedRequest,
  recordLatency,
  rememberAnswer,
  routedCandidates,
} from '../../../worker/executions/routing.ts';
import { createLog } from '../../../worker/runtime/log.ts';
import type { Settings } from '../../../worker/runtime/settings.ts';
import { candidate } from './candidate.ts';

const settings = { OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: null } as Settings;
const log = createLog('error', {});
const provider = (id: number) => ({ id: `00000000-0000-7000-8000-00000000000${id}`, name: `P${id}` });

const models = (public_name: string, ...ids: number[]) =>
  ids.map((id) => candidate({ public_name, provider_model: `m${id}` }, provider(id)));

const tenantWith = (model_routes: TenantSnapshot['model_routes'] = {}) =>
  ({
    id: crypto.randomUUID(),
    candidates: [...models('large', 1, 2), ...models('small', 3)],
    model_aliases: { latest: 'large' },
    model_routes,
  }) as unknown as TenantSnapshot;

const caller = (allowed_models: string[] | null = null) => ({
  ...{ allowed_models, api_key: null, user: { id: crypto.randomUUID() } },
});

const ask = (tenant: TenantSnapshot, request: Partial<RoutedRequest>, who = caller()) =>
  routedCandidates({ settings, log }, tenant, who, {
    ...{ asked: ['large'], beginning: () => 'Hello', seed: 'seed', knows_isolate: true },
    ...request,
  });

async function found(...args: Parameters<typeof ask>) {
  const routed = await ask(...args);
  if (!routed.ok) throw new Error(routed.failure.code);
  const { candidates, ...rest } = routed.value;
  return { order: candidates.map(({ provider_model }) => provider_model).join(' '), ...rest };
}

describe('the candidates of a request', () => {
  it('for one public name by priority leave nothing to record', async () => {
    expect(await found(tenantWith(), {})).toEqual({ order: 'm1 m2', model: 'large', conversation: null });
  });

  it('for an alias are those of its model, and the alias is recorded', async () => {
    expect(await found(tenantWith(), { asked: ['latest'] })).toMatchObject({
      order: 'm1 m2',
      model: 'large',
      routing: { asked_models: ['latest'], strategy: 'priority', kept: false },
    });
  });

  it('for several models follow each other, each model once', async () => {
    const asked = ['small', 'latest', 'large'] as const;
    expect(await found(tenantWith(), { asked })).toMatchObject({
      order: 'm3 m1 m2',
      model: 'small',
      routing: { asked_models: [...asked] },
    });
  });

  it('are refused by the place of a name that the caller may not use', async () => {
    const asked = ['small', 'latest'] as const;
    expect(await ask(tenantWith(), { asked }, caller(['small']))).toMatchObject({
      ok: false,
      failure: { code: 'unknown_model', place: 1 },
    });
    expect(await ask(tenantWith(), { asked: ['none', 'small'] })).toMatchObject({
      ok: false,
      failure: { code: 'unknown_model', place: 0 },
    });
  });

  it('by latency begin with the fastest of the tenant', async () => {
    const tenant = tenantWith({ large: { strategy: 'least_latency', keeps_provider: false } });
    const [first, second] = tenant.candidates;
    if (first === undefined || second === undefined) throw new Error('There are two');
    recordLatency(tenant.id, first, { latency_ms: 900, failed: false });
    recordLatency(tenant.id, second, { latency_ms: 100, failed: false });
    expect(await found(tenant, {})).toMatchObject({ order: 'm2 m1', routing: { strategy: 'least_latency' } });
    expect(await found(tenant, { knows_isolate: false })).toMatchObject({ order: 'm1 m2' });
  });
});

describe('a conversation that keeps its provider', () => {
  const tenant = tenantWith({ large: { strategy: 'priority', keeps_provider: true } });
  const [, second] = tenant.candidates;
  const user = caller();

  it('goes on where its last turn was answered, and its receipt says so', async () => {
    const first = await found(tenant, {}, user);
    expect(first).toMatchObject({ order: 'm1 m2', conversation: expect.stringContaining(user.user.id) });
    if (second === undefined) throw new Error('There are two');
    rememberAnswer(first.conversation, second);
    expect(await found(tenant, {}, user)).toMatchObject({ order: 'm2 m1', routing: { kept: true } });
  });

  it('is one of its user, with its beginning', async () => {
    expect(await found(tenant, {}, caller())).toMatchObject({ order: 'm1 m2' });
    expect(await found(tenant, { beginning: () => 'Another' }, user)).toMatchObject({ order: 'm1 m2' });
    expect(await found(tenant, { beginning: () => null }, user)).toMatchObject({ order: 'm1 m2' });
  });
});
