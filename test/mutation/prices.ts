import type { Mutation } from './mutation.ts';

const outcome = {
  ...{ file: 'worker/executions/settlement.ts', project: 'unit' },
  tests: 'test/unit/executions/settlement.test.ts',
};
const prices = { project: 'rls', tests: 'test/rls/prices.test.ts' };
const named = {
  project: 'rls',
  tests: 'test/rls/load-snapshots.test.ts test/rls/providers-and-models.test.ts',
};
const kept = {
  ...{ file: 'worker/db/executions/contents.ts', project: 'rls' },
  tests: 'test/rls/contents.test.ts',
};
const worked = {
  ...{ file: 'web/src/features/executions/worked-price.ts', project: 'unit' },
  tests: 'test/unit/web/executions/worked-price.test.ts',
};

/** Mutations of charges, costs, price lists and receipts, and of stored contents. */
export const priceMutations: Mutation[] = [
  {
    ...outcome,
    what: 'usage above the reservation is charged in full',
    find: 'wallet_tokens_per_1000, hit?.price_percent), plan.worst_case_tokens)',
    replace: 'wallet_tokens_per_1000, hit?.price_percent), Number.MAX_SAFE_INTEGER)',
  },
  {
    ...outcome,
    what: 'the cost of usage above the reservation is booked in full',
    find: 'worstCost.ok ? worstCost.value : MICRO_USD_MAX',
    replace: 'worstCost ? MICRO_USD_MAX : 0',
  },
  {
    ...outcome,
    what: 'a cost too large for an amount is booked as zero',
    find: 'value: amount.ok ? Math.min(amount.value, most) : most,',
    replace: 'value: amount.ok ? Math.min(amount.value, most) : 0,',
  },
  {
    ...outcome,
    what: 'a cost above its bound is not flagged',
    find: 'charge.isClamped || cost.isClamped',
    replace: 'charge.isClamped',
  },
  {
    ...outcome,
    what: 'an estimate is marked as reported',
    find: "usage_source: 'estimated' };",
    replace: "usage_source: 'reported' };",
  },
  {
    ...outcome,
    what: 'a receipt has no price',
    find: '    price: candidate.price,\n',
    replace: '',
  },
  {
    ...outcome,
    what: 'users are charged by the rates of the cost',
    find: 'chargeOf(usage, wallet_tokens_per_1000, ',
    replace: 'chargeOf(usage, micro_usd_per_million, ',
  },
  {
    ...prices,
    file: 'worker/db/catalog/prices.ts',
    what: 'a tenant’s list decides the cost of a platform model',
    find: 'where c.tenant_id = ',
    replace: 'where c.tenant_id >= ',
  },
  {
    ...prices,
    file: 'worker/db/catalog/prices.ts',
    what: 'the first cost applies instead of the current one',
    find: 'order by c.effective_from desc, c.version desc',
    replace: 'order by c.effective_from, c.version',
  },
  {
    ...prices,
    file: 'worker/db/catalog/price-versions.ts',
    what: 'a tenant can set the cost of a platform model',
    find: ': isOwnModel;',
    replace: ': sql`true`;',
  },
  {
    ...prices,
    file: 'worker/db/catalog/price-versions.ts',
    what: 'a tenant can price a platform model that the platform has not priced',
    find: 'isOwnModel} and ',
    replace: 'isOwnModel} or ',
  },
  {
    what: 'the database accepts a cost from any tenant',
    file: 'migrations/0014_named_prices.sql',
    find: 'then 4 else 0 end);',
    replace: 'then 4 else 4 end or true);',
    project: 'rls',
    tests: 'test/rls/integrity.test.ts',
  },
  {
    what: 'costs that tenants had set for platform models still apply',
    file: 'migrations/0014_named_prices.sql',
    find: 'where tenant_id <> model_tenant_id;',
    replace: 'where false;',
    project: 'rls',
    tests: 'test/rls/price-migration.test.ts',
  },
  {
    ...named,
    file: 'worker/db/catalog/prices.ts',
    what: 'every price is labelled as the platform’s',
    find: ".tenant_id = app.platform_tenant_id() then 'platform' else 'tenant' end`",
    replace: ".tenant_id = app.platform_tenant_id() then 'platform' else 'platform' end`",
  },
  {
    ...named,
    file: 'worker/db/catalog/prices.ts',
    what: 'output is priced at the rate of input',
    find: "'output', p.output_wallet_tokens_per_1000",
    replace: "'output', p.input_wallet_tokens_per_1000",
  },
  {
    what: 'the price of an outcome is not stored',
    file: 'worker/db/ledger/journal.ts',
    find: "  'price',\n",
    replace: '',
    project: 'rls',
    tests: 'test/rls/journal.test.ts',
  },
  {
    what: 'an answer kept before receipts named prices cannot be replayed',
    file: 'worker/executions/chat-task.ts',
    find: "task: 'chat', price: null, routing: null, ...(kept as object)",
    replace: "task: 'chat', routing: null, ...(kept as object)",
    project: 'workers',
    tests: 'test/workers/kept-answer.test.ts',
  },
  {
    ...worked,
    what: 'a receipt rounds down',
    find: '(charged + per - 1n) / per',
    replace: 'charged / per',
  },
  {
    ...worked,
    what: 'a receipt calculates dollars by the rates of wallet tokens',
    find: 'ratesOfUsage(micro_usd_per_million, usage)',
    replace: 'ratesOfUsage(price.wallet_tokens_per_1000, usage)',
  },
  {
    ...kept,
    what: 'contents deleted during an execution are kept at its end',
    find: 'aiExecutions.user_id} = ',
    replace: 'aiExecutions.user_id} <> ',
  },
  {
    ...kept,
    what: 'the mark of deleted contents is deleted too early',
    find: 'database.delete(contents).where(isKeptOf(tenantId, executionId))',
    replace: 'database.delete(contents).where(eq(contents.execution_id, executionId))',
  },
  {
    ...kept,
    what: 'a deletion prevents the contents of other users from being kept',
    find: 'aiExecutions.user_id} = ',
    replace: 'aiExecutions.user_id} is not null or gen_random_uuid() = ',
  },
];
