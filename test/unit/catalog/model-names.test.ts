import { expect, it } from 'vitest';
import { aliasesOf, publicNameOf, routeOf } from '../../../worker/catalog/model-names.ts';
import type { TenantSnapshot } from '../../../worker/db/snapshots.ts';
import { candidate } from '../executions/candidate.ts';

const tenant = {
  candidates: [candidate({ public_name: 'large' }), candidate({ public_name: 'acme/small' })],
  model_aliases: {
    'large-latest': 'large',
    'large-2026-11-01': 'large',
    'acme/small-latest': 'acme/small',
    large: 'acme/small',
    gone: 'no-such-model',
  },
  model_routes: { large: { strategy: 'weighted', keeps_provider: true } },
} as unknown as TenantSnapshot;

it.each([
  ['large', 'large'],
  ['large-latest', 'large'],
  ['large-2026-11-01', 'large'],
  ['acme/small-latest', 'acme/small'],
  ['gone', 'no-such-model'],
  ['unknown', 'unknown'],
  ['constructor', 'constructor'],
  ['__proto__', '__proto__'],
])('the name %s means the model %s', (asked, name) => {
  expect(publicNameOf(tenant, asked)).toBe(name);
});

it('the aliases of a model are sorted, without those that a model of their name replaces', () => {
  expect(aliasesOf(tenant, 'large')).toEqual(['large-2026-11-01', 'large-latest']);
  expect(aliasesOf(tenant, 'acme/small')).toEqual(['acme/small-latest']);
});

it('a name without a route is tried by priority', () => {
  expect(routeOf(tenant, 'large')).toEqual({ strategy: 'weighted', keeps_provider: true });
  for (const name of ['acme/small', 'toString'])
    expect(routeOf(tenant, name)).toEqual({ strategy: 'priority', keeps_provider: false });
});
