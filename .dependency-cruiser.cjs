/**
 * The import rules of the house (AGENTS.md, "Which way imports point"). Each rule says why it exists.
 * contracts <- journal <- durable-objects, worker/db, worker/providers <- runtime <- wallet-access, tenants <- mail <- the capabilities
 * <- executions <- surfaces <- http, queues <- index
 */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: {
    pathNot: allowed,
    dependencyTypesNot: ['npm', 'npm-dev', 'core', 'npm-no-pkg', 'unknown', 'undetermined'],
  },
});

/** The files of a web feature that other features may import, each with its reason. Everything else of a feature is its own. */
const sharedByWebFeature = {
  'auth/auth-context.tsx': 'The signed-in user decides what a page offers.',
  'auth/components/sign-in-card.tsx': 'Whoever signs up a tenant has no account yet.',
  'auth/components/turnstile-check.tsx': 'Whoever signs up a tenant is a person.',
  'wallet/token-wallet-context.tsx': 'The live wallet: runs and corrections change it.',
  'wallet/use-ledger.ts': "A user's page shows their ledger.",
  'wallet/components/(balance-cards|ledger-list|export-button).tsx': "A user's page shows their wallet.",
  'wallet/components/wallet-warning.tsx': 'The playground warns before a run is refused.',
  'wallet/components/entry-kind.tsx': "A receipt lists the ledger's entries.",
  'executions/api/executions.ts': 'The playground runs executions; models to choose from are listed there.',
  'usage/components/(top-usage|usage-chart|usage-figures).tsx': 'Home shows the usage of its period.',
  'usage/(api/usage|usage-groups).ts':
    'Executions are filtered by the models, providers and keys of their usage.',
  'usage/(spend|use-spend).ts': 'Lists of users and API keys show what each spent.',
  'executions/components/execution-list.tsx': "A user's page lists their executions.",
  'executions/components/(execution-status|cancellation).tsx':
    'A turn of the playground is an execution; Home lists the newest.',
  'playground/conversation-context.tsx': 'The list of executions waits for the newest one.',
  'policy/.+': 'Token policies, of levels and of users.',
  'budgets/components/tenant-budget-card.tsx': "A tenant's page shows its budget.",
  'users/components/person-select.tsx': "An admin's lists are narrowed to one person.",
  'users/components/user-standing.tsx': 'An invitation shows its role as a user does.',
  'invitations/components/(invite-button|open-invitations).tsx': 'Users join by invitations.',
  'invitations/components/invitation-dialogs.tsx': "The link of a tenant's first admin is shown once.",
  'levels/api/levels.ts': 'A user is put on a level.',
  'levels/(use-(missing-)?feature.ts|components/missing-feature.tsx)':
    'A level decides which features a page offers.',
  'audit/(api/audit.ts|components/audit-list.tsx)': "A user's page shows what was changed of them.",
  'sign-in-providers/components/sign-in-settings.tsx': 'A part of the page of settings.',
  'models/api/catalog.ts': 'A level allows models of the catalog.',
  'providers/api/providers.ts': 'A model belongs to a provider.',
  'settings/api/tenant-settings.ts':
    'Margins need the worth of a wallet token; the playground asks whether the tenant keeps conversations.',
  'reconciliation/components/(report-view|repair-dialog).tsx': "A tenant's budget is checked and repaired.",
  'reconciliation/components/check-drawer.tsx': "A user's page checks their wallet.",
};
const sharedWebFiles = Object.keys(sharedByWebFeature).map(
  (file) => `^web/src/features/${file.replace(/\.(tsx?)$/, '\\.$1')}$`,
);

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle means two files are one.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import must lead somewhere.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cloudflare:' },
    },
    {
      name: 'contracts-import-zod-only',
      severity: 'error',
      comment: 'Contracts are shared by every side.',
      from: { path: '^contracts/' },
      to: { pathNot: ['^contracts/', '^node_modules/zod/'] },
    },
    only(
      'journal-knows-contracts-only',
      '^journal/',
      ['^journal/', '^contracts/'],
      "Hashing and verifying run anywhere: in the wallet, in the Worker, on an auditor's machine.",
    ),
    only(
      'wallet-core-is-alone',
      '^durable-objects/',
      ['^durable-objects/', '^journal/', '^contracts/'],
      'The wallet knows neither HTTP nor Postgres.',
    ),
    only(
      'wallet-rules-are-pure',
      '^durable-objects/wallet/rules/',
      ['^durable-objects/wallet/(rules/|commands\\.ts)', '^journal/', '^contracts/'],
      'Rules have no clock, no storage and no platform, so that a test can replay them.',
    ),
    only(
      'db-knows-contracts-only',
      '^worker/db/',
      ['^worker/db/', '^journal/', '^contracts/'],
      'Queries know nothing of HTTP.',
    ),
    only(
      'providers-know-contracts-only',
      '^worker/providers/',
      ['^worker/providers/', '^contracts/'],
      'Adapters know nothing of tenants, wallets or HTTP.',
    ),
    only(
      'objects-know-contracts-only',
      '^worker/objects/',
      ['^worker/objects/', '^contracts/'],
      'Keys and contents of the bucket know nothing of who reads them.',
    ),
    only(
      'runtime-is-below-the-capabilities',
      '^worker/runtime/',
      ['^worker/(runtime|db)/', '^durable-objects/', '^contracts/'],
      'Settings, log and dependencies are what every capability rests on.',
    ),
    only(
      'wallet-access-and-tenants-are-below-the-other-capabilities',
      '^worker/(wallet-access|tenants)/',
      ['^worker/(wallet-access|tenants|runtime|db)/', '^durable-objects/', '^journal/', '^contracts/'],
      'Every capability looks up its tenant and reaches the wallet; neither needs another capability.',
    ),
    only(
      'mail-is-below-the-capabilities-that-send',
      '^worker/mail/',
      ['^worker/(mail|tenants|runtime|db)/', '^contracts/'],
      'Accounts, invitations and new tenants send mail.',
    ),
    only(
      'objects-are-alone',
      '^worker/objects/',
      ['^worker/objects/', '^contracts/'],
      'The bucket knows keys and bytes, and nothing of what they mean.',
    ),
    only(
      'files-rest-on-objects-and-the-database',
      '^worker/files/',
      ['^worker/(files|objects|runtime|db)/', '^contracts/'],
      'A file is stored, read and deleted whatever a request does with it.',
    ),
    only(
      'identity-is-below-executions',
      '^worker/identity/',
      [
        '^worker/(identity|mail|api-keys|conversations|wallet-access|tenants|objects|runtime|db)/',
        '^contracts/',
      ],
      'Identity turns a request into a caller, and exports what is kept of them.',
    ),
    only(
      'sign-in-rests-on-identity',
      '^worker/sign-in/',
      [
        '^worker/(sign-in|identity|mail|wallet-access|tenants|runtime|db)/',
        '^worker/(catalog/base-url|providers/transport/guarded-fetch)\\.ts$',
        '^contracts/',
      ],
      'Identity providers prove who somebody is; their addresses follow the rules for AI providers.',
    ),
    only(
      'capabilities-do-not-know-each-other',
      '^worker/(users|levels|api-keys|budgets|conversations|domains|catalog|reconciliation)/',
      [
        // $1 is the folder of the importing file.
        '^worker/$1/',
        '^worker/(wallet-access|tenants|providers|runtime|db)/',
        // A check of a wallet announces the difference that it finds.
        '^worker/alerts/announce\\.ts$',
        '^durable-objects/',
        '^journal/',
        '^contracts/',
        '^catalog/models\\.json$',
      ],
      'A capability rests on the wallet, the tenants, the providers and the database.',
    ),
    only(
      'webhooks-are-below-alerts',
      '^worker/webhooks/',
      [
        '^worker/(webhooks|mail|tenants|runtime|db)/',
        '^worker/(catalog/base-url|providers/transport/guarded-fetch)\\.ts$',
        '^contracts/',
      ],
      'Webhooks tell what others found; their addresses follow the rules for AI providers.',
    ),
    only(
      'alerts-rest-on-webhooks-and-mail',
      '^worker/alerts/',
      ['^worker/(alerts|webhooks|mail|tenants|runtime|db)/', '^contracts/'],
      'An alert is announced by mail and by webhooks.',
    ),
    only(
      'platform-is-below-http',
      '^worker/platform/',
      ['^worker/(platform|identity|budgets|mail|tenants|objects|runtime|db)/', '^contracts/'],
      "The platform's owner manages tenants, from their founding to their erasure. A sign-up is limited as a registration is.",
    ),
    only(
      'executions-do-not-know-http',
      '^worker/executions/',
      [
        '^worker/(executions|catalog|wallet-access|tenants|objects|providers|runtime|db)/',
        '^durable-objects/',
        '^journal/',
        '^contracts/',
      ],
      'An execution runs the same for every surface.',
    ),
    only(
      'surfaces-are-pure',
      '^worker/surfaces/',
      ['^worker/(surfaces|executions|providers)/', '^contracts/'],
      "A surface translates a client's request to a task and a result to its answer.",
    ),
    {
      name: 'only-http-knows-hono',
      severity: 'error',
      comment: 'A use case does not know who calls it. Mails are written in JSX, which Hono renders.',
      from: { path: '^worker/', pathNot: '^worker/(http/|mail/templates/html\\.tsx$|index\\.ts$)' },
      to: { path: ['^node_modules/(hono|@hono/)', '^worker/http/'] },
    },
    {
      name: 'routes-have-no-sql-and-no-provider-code',
      severity: 'error',
      comment: 'A route is a schema and a handler: it may call a named query, never write one.',
      from: { path: '^worker/http/' },
      to: {
        path: ['drizzle-orm', '^worker/db/schema/', '^worker/(providers|queues)/', '^worker/index\\.ts$'],
      },
    },
    {
      name: 'only-index-imports-durable-objects',
      severity: 'error',
      comment: 'Object classes are values in worker/index.ts alone; others use their types.',
      from: { path: '^worker/', pathNot: '^worker/index\\.ts$' },
      to: { path: '^durable-objects/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'web-imports-contracts-and-types-only',
      severity: 'error',
      comment: 'No server code in the browser.',
      from: { path: '^web/' },
      to: { path: '^(worker|durable-objects|journal|dev|test|bench)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'web-app-is-on-top',
      severity: 'error',
      comment:
        'app -> features -> ui, lib: routes, layout and providers know the features, never the other way.',
      from: { path: '^web/src/(features|ui|lib)/' },
      to: { path: '^web/src/app/' },
    },
    {
      name: 'web-ui-and-lib-know-no-feature',
      severity: 'error',
      comment: 'What every feature shares knows none of them.',
      from: { path: '^web/src/(ui|lib)/' },
      to: { path: '^web/src/features/' },
    },
    {
      name: 'web-lib-draws-nothing',
      severity: 'error',
      comment: 'lib holds the API client, paths, formats and hooks; what is drawn is in ui.',
      from: { path: '^web/src/lib/' },
      to: { path: '^web/src/ui/' },
    },
    {
      name: 'web-features-share-named-files-only',
      severity: 'error',
      comment:
        'A feature uses another through the files listed at the top of this file, each for its reason.',
      from: { path: '^web/src/features/([^/]+)/' },
      to: { path: '^web/src/features/', pathNot: ['^web/src/features/$1/', ...sharedWebFiles] },
    },
    {
      name: 'web-knows-the-worker-by-one-type',
      severity: 'error',
      comment: 'AppType types the API client; every other type of the API is in contracts/.',
      from: { path: '^web/', pathNot: '^web/src/lib/api-client\\.ts$' },
      to: { path: '^worker/' },
    },
    {
      name: 'product-does-not-know-the-workshop',
      severity: 'error',
      comment: 'dev/, bench/ and test/ are not shipped.',
      from: { path: '^(contracts|journal|worker|durable-objects|web)/' },
      to: { path: '^(dev|test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.wrangler|\\.data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'],
    },
  },
};
