import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { beginExecution, type ReservedExecution } from '../../worker/executions/begin.ts';
import { type Chat, chatTask } from '../../worker/executions/chat-task.ts';
import { finishedOf, settlementOf } from '../../worker/executions/settlement.ts';
import { resolveTenant } from '../../worker/tenants/tenant-lookup.ts';
import { asOwner, claimsOf, dependencies, holdTheQueue, newcomer, stubOf } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';

const MODEL = `model-${crypto.randomUUID()}`;
beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});

/** Begins the same request each time, under one Idempotency-Key. */
async function begin(wallet: WalletIdentity) {
  const deps = dependencies({ settings: { ...dependencies().settings, OPENAI_API_KEY: 'sk-test' } });
  const [[row]] = (await asOwner(sql`select slug from tenants where id = ${wallet.tenant_id}`)) as [
    [{ slug: string }],
  ];
  const tenant = await resolveTenant(deps, { slug: row.slug }, async () => null);
  if (tenant === null) throw new Error('There is no such tenant');
  const content = [{ type: 'text' as const, text: 'Hello' }];
  const begun = await beginExecution(deps, tenant, claimsOf(wallet), {
    task: chatTask({ model: MODEL, max_output_tokens: 50, chat: { messages: [{ role: 'user', content }] } }),
    idempotency: { key: 'one', fingerprint: 'the same' },
  });
  if (!begun.ok) throw new Error(begun.failure.code);
  return begun.value;
}

/** Settles the execution, and stores the answer as changed by `kept`. */
async function answer(begun: ReservedExecution<Chat>, kept: (answer: object) => object): Promise<void> {
  const { start, plan, wallet } = begun;
  const usage = {
    input_tokens: 3,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 4,
    reasoning_tokens: 0,
  };
  const completion = { text: 'Hello', tool_calls: [], finish_reason: 'stop' as const, usage };
  const ended = { candidate: plan.candidates[0], answer: completion, estimate: null, attempts: [] };
  const settlement = settlementOf(start, plan, { how: 'answered', ...ended }, Date.now());
  const said = JSON.stringify(kept(finishedOf(begun, settlement, plan.task.outputOf(completion))));
  const { charge: amount, outcome } = settlement;
  await stubOf(wallet).settle({ wallet, amount, outcome, answer: said });
}

describe('an answer that is kept for its Idempotency-Key', () => {
  it('names its price when it is replayed', async () => {
    const wallet = await newcomer();
    const first = await begin(wallet);
    if (first.is !== 'reserved') throw new Error('new');
    await answer(first.execution, (said) => said);
    expect(await begin(wallet)).toMatchObject({
      ...{ is: 'repeated' },
      response: { tokens_charged: 7, price: { list: 'platform', version: 1, cost_list: 'platform' } },
    });
  });

  it('is replayed even if it was kept before answers named prices', async () => {
    const wallet = await newcomer();
    const first = await begin(wallet);
    if (first.is !== 'reserved') throw new Error('new');
    await answer(first.execution, (said) => ({ ...said, price: undefined }));
    expect(await begin(wallet)).toMatchObject({
      ...{ is: 'repeated', response: { tokens_charged: 7, price: null, price_version: 1 } },
    });
  });
});
