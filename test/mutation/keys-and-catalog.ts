import type { Mutation } from './mutation.ts';

const keys = {
  file: 'worker/db/users/api-key-changes.ts',
  project: 'rls',
  tests: 'test/rls/api-keys.test.ts',
};
const catalog = { project: 'rls', tests: 'test/rls/providers-and-models.test.ts' };
const prices = { project: 'rls', tests: 'test/rls/prices.test.ts' };
const candidates = { project: 'unit', tests: 'test/unit/catalog/candidates.test.ts' };
const listing = {
  file: 'worker/providers/list-provider-models.ts',
  project: 'unit',
  tests: 'test/unit/providers/list-provider-models.test.ts',
};
const snapshots = {
  file: 'worker/tenants/snapshot-cache.ts',
  project: 'workers',
  tests: 'test/workers/snapshot-cache.test.ts',
};

/** Mutations of API keys and of the catalog. */
export const keyAndCatalogMutations: Mutation[] = [
  {
    what: 'the limits of a key that was never used are forgotten with the next alarm',
    file: 'durable-objects/wallet/rules/key-limits.ts',
    find: 'const key = withCurrentWindows(before, nowMs);\n  return limits.version',
    replace: 'const key = nowMs > 0 ? before : withCurrentWindows(before, nowMs);\n  return limits.version',
    project: 'workers',
    tests: 'test/workers/wallet/governance.test.ts',
  },
  {
    ...keys,
    what: 'changing one key changes all keys of its user',
    find: 'isOwnKey(id)} and',
    replace: 'isOwnKey(id)} or',
  },
  {
    ...keys,
    what: 'a user can have 101 keys',
    find: 'KEYS_PER_USER_MAX = 100',
    replace: 'KEYS_PER_USER_MAX = 101',
  },
  {
    ...keys,
    what: 'keys created concurrently are not counted',
    find: '= app.user_id() for no key update`',
    replace: '= app.user_id()`',
  },
  {
    ...keys,
    what: 'a key can name models that its level does not allow',
    find: '<@ ',
    replace: '&& ',
  },
  {
    ...keys,
    what: 'an admin can change the keys of others',
    find: 'apiKeys.user_id} = app.user_id()`;',
    replace: 'apiKeys.user_id} is not null`;',
  },
  {
    ...keys,
    file: 'worker/db/load-snapshots.ts',
    what: 'a rotated secret is cached past its end',
    find: 'prefix === row.prefix ? null : row.previous_valid_until',
    replace: 'null',
  },
  {
    ...keys,
    file: 'worker/db/load-snapshots.ts',
    what: 'an expiring key is cached past its end',
    find: 'earliestMs(row.expires_at, previousEnd)',
    replace: 'earliestMs(previousEnd)',
  },
  {
    ...keys,
    tests: 'test/rls/api-key-use.test.ts',
    file: 'worker/db/ledger/journal.ts',
    what: 'every use of a key writes its last use',
    find: "interval '1 minute' <=",
    replace: "interval '0 minutes' <=",
  },
  {
    ...keys,
    file: 'migrations/0008_gateway_security.sql',
    what: 'an expired key is accepted',
    find: 'elsif api_key.expires_at <= now() then',
    replace: 'elsif false then',
  },
  {
    ...keys,
    file: 'migrations/0008_gateway_security.sql',
    what: 'a rotated secret is accepted past its end',
    find: ' and k.previous_valid_until > now()',
    replace: '',
  },
  {
    what: 'a key opens routes that name no scope',
    file: 'worker/http/middleware/key-scopes.ts',
    find: '  return null;\n',
    replace: "  return 'wallet:read';\n",
    project: 'unit',
    tests: 'test/unit/http/key-scopes.test.ts',
  },
  {
    ...candidates,
    file: 'worker/catalog/candidates.ts',
    what: 'the platform’s key is sent to a base URL from a row',
    find: 'if (api_key_ciphertext !== null || base_url !== null) return null;',
    replace: 'if (api_key_ciphertext !== null) return null;',
  },
  {
    ...candidates,
    file: 'worker/catalog/candidates.ts',
    what: 'a key can call models that its level forbids',
    find: '].every((models)',
    replace: '].some((models)',
  },
  {
    ...candidates,
    file: 'worker/catalog/provider-credentials.ts',
    what: 'a decrypted provider key is cached without its binding',
    find: 'JSON.stringify([binding, ciphertext])',
    replace: 'ciphertext',
  },
  {
    ...candidates,
    file: 'worker/catalog/provider-key.ts',
    what: 'a provider key is not bound to the origin of its base URL',
    find: 'new URL(provider.base_url).origin',
    replace: 'null',
  },
  {
    ...prices,
    file: 'worker/db/catalog/price-versions.ts',
    what: 'a price sent twice makes two versions',
    find: 'isNew}`;',
    replace: 'isSeenAs(modelId)}`;',
  },
  {
    ...catalog,
    file: 'worker/db/catalog/models.ts',
    what: 'a model’s output limit can exceed its context window',
    find: "tokens('max_output_tokens')} <= ",
    replace: "tokens('max_output_tokens')} * 0 <= ",
  },
  {
    ...prices,
    file: 'worker/db/catalog/prices.ts',
    what: 'the platform’s price takes precedence over the tenant’s own',
    find: 'order by p.tenant_id = app.tenant_id() desc, p.effective_from desc',
    replace: 'order by p.tenant_id = app.tenant_id(), p.effective_from desc',
  },
  {
    ...prices,
    file: 'worker/db/catalog/prices.ts',
    what: 'a price applies before its effective date',
    find: ' and p.effective_from <= now()',
    replace: '',
  },
  {
    ...catalog,
    file: 'worker/db/catalog/providers.ts',
    what: 'an order that names only some providers is accepted',
    find: 'ids.length}`;',
    replace: 'ids.length} or true`;',
  },
  {
    ...catalog,
    file: 'worker/db/catalog/providers.ts',
    what: 'a new key keeps the circuit breaker of the previous one',
    find: 'api_key_version} + 1`',
    replace: 'api_key_version} + 0`',
  },
  {
    ...catalog,
    file: 'worker/db/catalog/providers.ts',
    what: 'a provider’s base URL can be a tenant’s hostname',
    find: "owners.rows[0]?.tenant_id == null ? ok(null) : fail({ code: 'own_host' })",
    replace: 'ok(owners && null)',
  },
  {
    what: 'a rotation skips old keys and encrypts new ones again',
    file: 'dev/rotate-provider-keys.ts',
    find: 'ringVersionOf(row.sealed) === ring[0].version',
    replace: 'ringVersionOf(row.sealed) !== ring[0].version',
    project: 'rls',
    tests: 'test/rls/rotate-provider-keys.test.ts',
  },
  {
    ...listing,
    what: 'a provider’s message is shown with the key in it',
    find: 'redactFailure(listing.failure, credential, settings?.extra_headers)',
    replace: 'listing.failure',
  },
  {
    ...listing,
    what: 'a list of models has no limit',
    find: '.slice(0, MODELS_MAX)',
    replace: '',
  },
  {
    ...snapshots,
    what: 'an invalidated entry stays in the colo’s cache',
    find: 'await (await caches.open(CACHE_NAME)).delete(this.#url(key));',
    replace: 'await caches.open(CACHE_NAME);',
  },
  {
    ...snapshots,
    what: 'an entry in an isolate’s memory never expires',
    find: 'Date.now() - known.remembered_at_ms < MEMORY_AGE_MAX_MS',
    replace: 'true',
  },
  {
    what: 'a plan ignores the limits of a model',
    file: 'worker/executions/chat-task.ts',
    find: 'capabilities[need] === false',
    replace: 'capabilities[need] === undefined && false',
    project: 'unit',
    tests: 'test/unit/executions/plan.test.ts',
  },
];
