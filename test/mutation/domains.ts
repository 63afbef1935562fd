import type { Mutation } from './mutation.ts';

const deciding = {
  file: 'worker/domains/decide.ts',
  project: 'unit',
  tests: 'test/unit/domains/decide.test.ts',
};
const stored = {
  file: 'worker/db/tenants/domain-checks.ts',
  project: 'rls',
  tests: 'test/rls/domains.test.ts',
};
const migrated = {
  file: 'migrations/0028_custom_domains.sql',
  project: 'rls',
  tests: 'test/rls/domains.test.ts',
};

/** Mutations of custom domains. */
export const domainMutations: Mutation[] = [
  {
    ...deciding,
    what: 'one lookup without the proof takes a domain down',
    find: 'now_ms - missing_since_ms >= MISSING_MAX_MS',
    replace: 'true',
  },
  {
    ...deciding,
    what: 'a domain that moved comes back without pointing here',
    find: `(status !== 'moved' || routing === 'here' || routing === 'unclear')`,
    replace: 'true',
  },
  {
    ...deciding,
    what: 'a hostname is active before its certificate',
    find: `custom_hostname.certificate_status === 'active' &&`,
    replace: '',
  },
  {
    ...stored,
    what: 'a check that was overtaken saves its results',
    find: '.check_started_at} = $',
    replace: '.check_started_at} >= $',
  },
  {
    ...stored,
    what: 'a check revives a domain that was removed meanwhile',
    find: `.status} <> 'deleting'`,
    replace: `.status} <> 'nothing'`,
  },
  {
    ...migrated,
    what: 'two tenants can prove one hostname',
    find: 'CREATE UNIQUE INDEX "tenant_domains_one_owner"',
    replace: 'CREATE INDEX "tenant_domains_one_owner"',
  },
  {
    ...migrated,
    file: 'migrations/0032_sessions.sql',
    what: 'an erased tenant still answers at its hostname',
    find: `set status = 'deleting', status_since = now()`,
    replace: 'set status_since = now()',
  },
];
