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
  ...{ file: 'worker/db/contents.ts', project: 'rls' },
  tests: 'test/rls/contents.test.ts',
};
const worked = {
  ...{ file: 'web/src/features/executions/worked-price.ts', project: 'unit' },
  tests: 'test/unit/web/executions/worked-price.test.ts',
};

/** Faults of what things cost, who says so, and what is told of it; and of what is kept of an execution. */
export const priceMutations: Mutation[] = [
  {
    ...outcome,
    what: 'usage above the reservation is charged whole',
    find: 'atMost(chargeOf(usage, wallet_tokens_per_1000), plan.worst_case_tokens)',
    replace: 'atMost(chargeOf(usage, wallet_tokens_per_1000), Number.MAX_SAFE_INTEGER)',
  },
  {
    ...outcome,
    what: 'usage above the reservation is booked whole as a cost',
    find: 'worstCost.ok ? worstCost.value : MICRO_USD_MAX',
    replace: 'worstCost ? MICRO_USD_MAX : 0',
  },
  {
    ...outcome,
    what: 'a cost that no amount can say is booked as none',
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
    what: 'an estimate is not marked as one',
    find: "return { usage, usage_source: 'estimated' };",
    replace: "return { usage, usage_source: 'reported' };",
  },
  {
    ...outcome,
    what: 'a receipt names no price',
    find: '    price: candidate.price,\n',
    replace: '',
  },
  {
    ...outcome,
    what: 'users pay by the rates of what it costs',
    find: 'chargeOf(usage, wallet_tokens_per_1000)',
    replace: 'chargeOf(usage, micro_usd_per_million)',
  },
  {
    ...prices,
    file: 'worker/db/prices.ts',
    what: 'a tenant’s list says what the platform’s model costs',
    find: 'where c.tenant_id = ',
    replace: 'where c.tenant_id >= ',
  },
  {
    ...prices,
    file: 'worker/db/prices.ts',
    what: 'the cost that is in force is the first that was',
    find: 'order by c.effective_from desc, c.version desc',
    replace: 'order by c.effective_from, c.version',
  },
  {
    ...prices,
    file: 'worker/db/price-versions.ts',
    what: 'a tenant says what the platform’s model costs',
    find: ': isOwnModel;',
    replace: ': sql`true`;',
  },
  {
    ...prices,
    file: 'worker/db/price-versions.ts',
    what: 'a tenant sells what the platform has not priced',
    find: 'isOwnModel} and ',
    replace: 'isOwnModel} or ',
  },
  {
    what: 'the database takes a cost from whoever says it',
    file: 'migrations/0014_named_prices.sql',
    find: 'then 4 else 0 end);',
    replace: 'then 4 else 4 end or true);',
    project: 'rls',
    tests: 'test/rls/integrity.test.ts',
  },
  {
    what: 'what tenants had said of the platform’s cost goes on',
    file: 'migrations/0014_named_prices.sql',
    find: 'where tenant_id <> model_tenant_id;',
    replace: 'where false;',
    project: 'rls',
    tests: 'test/rls/price-migration.test.ts',
  },
  {
    ...named,
    file: 'worker/db/prices.ts',
    what: 'every price is said to be on the platform’s list',
    find: ".tenant_id = app.platform_tenant_id() then 'platform' else 'tenant' end`",
    replace: ".tenant_id = app.platform_tenant_id() then 'platform' else 'platform' end`",
  },
  {
    ...named,
    file: 'worker/db/prices.ts',
    what: 'the rate of output is that of input',
    find: "'output', p.output_wallet_tokens_per_1000",
    replace: "'output', p.input_wallet_tokens_per_1000",
  },
  {
    what: 'the price that was written down is not stored',
    file: 'worker/db/journal.ts',
    find: 'price: outcome.price ?? null,',
    replace: 'price: null,',
    project: 'rls',
    tests: 'test/rls/journal.test.ts',
  },
  {
    what: 'what was kept before prices were named cannot be repeated',
    file: 'worker/executions/chat-task.ts',
    find: "{ task: 'chat', price: null, ...(kept as object) }",
    replace: "{ task: 'chat', ...(kept as object) }",
    project: 'workers',
    tests: 'test/workers/kept-answer.test.ts',
  },
  {
    ...worked,
    what: 'a receipt rounds down',
    find: '(sum + money.per - 1n) / money.per',
    replace: 'sum / money.per',
  },
  {
    ...worked,
    what: 'a receipt works dollars out by the rates of wallet tokens',
    find: '{ micro_usd_per_million: rates,',
    replace: '{ wallet_tokens_per_1000: rates,',
  },
  {
    ...kept,
    what: 'what is deleted while it runs is kept when it ends',
    find: 'aiExecutions.user_id} = ',
    replace: 'aiExecutions.user_id} <> ',
  },
  {
    ...kept,
    what: 'the mark of what was deleted is deleted with it',
    find: 'database.delete(contents).where(isKeptOf(tenantId, executionId))',
    replace: 'database.delete(contents).where(eq(contents.execution_id, executionId))',
  },
  {
    ...kept,
    what: 'what is deleted keeps what others say from being kept',
    find: 'aiExecutions.user_id} = ',
    replace: 'aiExecutions.user_id} is not null or gen_random_uuid() = ',
  },
];
