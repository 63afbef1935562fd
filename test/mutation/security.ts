import type { Mutation } from './mutation.ts';

const inWorkers = (file: string, test: string): Pick<Mutation, 'file' | 'project' | 'tests'> => ({
  file,
  project: 'workers',
  tests: `test/workers/${test}.test.ts`,
});
const guesses = inWorkers('worker/identity/guessing/guess-limits.ts', 'guessing/guesses');
const tickets = inWorkers('durable-objects/wallet/used-tickets.ts', 'wallet/live-balance');

/** Mutations of what slows an attacker (docs/security.md). */
export const securityMutations: Mutation[] = [
  {
    ...inWorkers('worker/http/middleware/body-limit.ts', 'http/large-bodies'),
    what: 'a body of millions of values is parsed',
    find: 'if (shape.values > valuesMax)',
    replace: 'if (shape.values > Number.MAX_SAFE_INTEGER)',
  },
  {
    ...inWorkers('contracts/resource-id.ts', 'http/ids'),
    what: 'an id in upper case is another id',
    find: 'z.uuid().toLowerCase()',
    replace: 'z.uuid()',
  },
  {
    ...inWorkers('worker/http/middleware/security-headers.ts', 'http/caching'),
    what: 'a cache may give one tenant the answer of another',
    find: 'X-Goog-Api-Key, X-Tenant-Slug',
    replace: 'X-Goog-Api-Key',
  },
  {
    ...tickets,
    what: 'a ticket opens a second socket',
    find: 'if (isUsed || ',
    replace: 'if (',
  },
  {
    ...tickets,
    what: 'a ticket opens a socket after its time',
    find: '!isCurrent({ id, expires_at_s })',
    replace: 'false',
  },
  {
    ...inWorkers('worker/http/middleware/authenticate.ts', 'http/live-ticket'),
    what: 'a ticket authenticates any request',
    find: 'if (ticket !== null && opensSocket(c)) {',
    replace: 'if (ticket !== null) {',
  },
  {
    ...inWorkers('worker/http/middleware/authenticate.ts', 'http/live-ticket'),
    what: 'a ticket is valid in every tenant',
    find: "if (ticket.claims.tenantId !== tenant.id) return problem(c, 'wrong_tenant');",
    replace: '',
  },
  {
    ...guesses,
    what: 'guesses at an account lock its owner out',
    find: 'deviceId !== null\n',
    replace: 'deviceId === undefined\n',
  },
  {
    ...guesses,
    what: 'one address may try every account',
    find: 'limit: NETWORK_LIMIT }',
    replace: 'limit: { burst: 1_000_000, refill_ms: 1 } }',
  },
  {
    ...inWorkers('worker/identity/guessing/take-tries.ts', 'guessing/guesses'),
    what: 'right passwords use up the tries of a network',
    find: 'return ok({ giveBack });',
    replace: 'return ok({ giveBack: () => undefined });',
  },
  {
    ...inWorkers('worker/identity/guessing/sign-up-limits.ts', 'sign-up/sign-up-limits'),
    what: 'registrations are not counted by their site',
    find: 'limit: site },',
    replace: 'limit: { burst: 1_000_000, refill_ms: 1 } },',
  },
  {
    ...inWorkers('worker/identity/accounts.ts', 'sign-up/hidden-addresses'),
    what: 'an account signs in before its address is verified',
    find: '!matches || awaitsVerification(login, deps)',
    replace: '!matches',
  },
  {
    ...inWorkers('worker/db/users/hidden-registrations.ts', 'sign-up/hidden-addresses'),
    what: 'a repeated registration is taken for a new one',
    find: 'is_new: owner.id === id',
    replace: 'is_new: true',
  },
  {
    ...{ file: 'migrations/0036_management_keys.sql', project: 'rls' },
    tests: 'test/rls/management-keys.test.ts',
    what: 'a management key does what its scopes do not name',
    find: "return app.role() = 'management_key' and asked_scope = any",
    replace: "return app.role() = 'management_key' or asked_scope = any",
  },
  {
    ...inWorkers('worker/identity/guessing/known-device.ts', 'guessing/guesses'),
    what: 'a device is known to every account',
    find: '    subject: account.key,\n',
    replace: '',
  },
  {
    ...inWorkers('worker/identity/password.ts', 'guessing/busy-hashing'),
    what: 'a hundred passwords are hashed at once',
    find: 'running_max: 2, waiting_max: 32',
    replace: 'running_max: 100, waiting_max: 32',
  },
  {
    ...inWorkers('worker/identity/password.ts', 'http/new-passwords'),
    what: 'hashes from before passwords were composed match no more',
    find: 'new Set([composed(password), password])',
    replace: 'new Set([composed(password)])',
  },
  {
    ...inWorkers('worker/identity/invitations.ts', 'http/new-passwords'),
    what: 'an invitation is accepted with a common password',
    find: '  if (!good.ok) return good;\n',
    replace: '',
  },
];
