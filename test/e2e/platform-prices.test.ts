import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, add, governAcme, MODELS, modelOf, PROVIDERS, refusal, run } from '../support/catalog.ts';
import { type Client, registerSomebody, signIn } from '../support/demo.ts';

const stack = inject('stack');

let acme: Awaited<ReturnType<typeof governAcme>>;
let admin: Client;
let user: Client;
beforeAll(async () => {
  acme = await governAcme(stack);
  admin = acme.admin;
  user = await registerSomebody(stack.port, ACME);
});

const rates = (output: number) => ({ input: 1_000, cache_read: 100, cache_write: 1_000, output });

describe('a tenant that prices the platform’s model', () => {
  /** Adds a platform model for this test only. Returns its public name and its record. */
  async function platformModel() {
    const superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
    const provider = await add(superadmin, PROVIDERS, { ...acme.good(), api_key: 'sk-platform-1' });
    const model = await add(superadmin, MODELS, modelOf(provider.id));
    return { superadmin, model, path: `${MODELS}/${model.id}/prices` };
  }
  const costs = { input: 250_000, cache_read: 25_000, cache_write: 250_000, output: 2_000_000 };
  /** Waits until the ledger has the execution, and returns its receipt. */
  const receiptOf = async (by: Client, id: string) => {
    await expect
      .poll(async () => (await by.get(`/api/ai/executions/${id}`)).body.balance_after, { timeout: 15_000 })
      .toEqual(expect.any(Number));
    return (await by.get(`/api/ai/executions/${id}`)).body;
  };

  it('sets the price for its users, but not the platform’s cost', async () => {
    const { superadmin, model, path } = await platformModel();
    expect(await admin.post(path, { wallet_tokens_per_1000: rates(1) })).toMatchObject(
      refusal(409, 'model_unpriced'),
    );
    await add(superadmin, path, { micro_usd_per_million: costs, wallet_tokens_per_1000: rates(2_000) });
    const free = { input: 0, cache_read: 0, cache_write: 0, output: 0 };
    for (const micro_usd_per_million of [free, costs]) {
      const answer = await admin.post(path, { micro_usd_per_million, wallet_tokens_per_1000: free });
      expect(answer).toMatchObject(refusal(400, 'invalid_request'));
      expect(answer.body.error.details.issues[0].field).toBe('micro_usd_per_million');
    }
    const missing = await superadmin.post(path, { wallet_tokens_per_1000: free });
    expect(missing.body.error.details.issues[0]).toMatchObject({
      ...{ field: 'micro_usd_per_million', rule: 'required' },
    });

    await add(admin, path, { wallet_tokens_per_1000: free });
    const ran = await run(admin, model.public_name);
    expect(ran).toMatchObject({
      status: 201,
      body: {
        tokens_charged: 0,
        price: {
          ...{ list: 'tenant', model_id: model.id, version: 1, wallet_tokens_per_1000: free },
          ...{ cost_list: 'platform', cost_version: 1, micro_usd_per_million: costs },
        },
      },
    });
    const { input_tokens, output_tokens } = ran.body.usage;
    expect(ran.body.cost_micro_usd).toBe(
      Math.ceil((input_tokens * 250_000 + output_tokens * 2_000_000) / 1e6),
    );
    expect(ran.body.cost_micro_usd).toBeGreaterThan(0);
  });

  it('has receipts that tell the two lists apart: version 1 of each, with its rates', async () => {
    const { superadmin, model, path } = await platformModel();
    await add(superadmin, path, { micro_usd_per_million: costs, wallet_tokens_per_1000: rates(2_000) });
    // A change of the tenant's own catalog invalidates its cache, with the platform's models in it.
    await acme.addModel();
    const before = await run(user, model.public_name);
    await add(admin, path, { wallet_tokens_per_1000: rates(8_000) });
    const after = await run(user, model.public_name);
    const executions = [before, after].map(({ body }) => body);
    expect(executions.map(({ price_version, price }) => [price_version, price.list])).toEqual([
      [1, 'platform'],
      [1, 'tenant'],
    ]);
    for (const execution of executions) {
      const receipt = await receiptOf(user, execution.id);
      expect(receipt.price).toEqual(execution.price);
      const { usage, price } = receipt;
      const paid =
        usage.input_tokens * price.wallet_tokens_per_1000.input +
        usage.output_tokens * price.wallet_tokens_per_1000.output;
      expect(receipt.tokens_charged).toBe(Math.ceil(paid / 1_000));
    }
  });
});
