import type { JournalMessage } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { Wallet } from '../../durable-objects/wallet/wallet.ts';

export { Wallet };

const policy: WalletPolicy = {
  version: 1,
  mode: 'lifetime',
  allocation_tokens: 2 ** 49,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [],
  reservation_lifetime_ms: 120_000,
  in_flight_max: 10_000,
};

/**
 * Reserves and settles on one wallet with `callers` concurrent callers. Runs in the same process as the object, so that it
 * measures the wallet and not the network. Returns the duration of each pair in milliseconds.
 */
async function drive(env: Env, callers: number, durationMs: number): Promise<number[]> {
  const wallet = { tenant_id: crypto.randomUUID(), user_id: crypto.randomUUID() };
  const stub = env.WALLET.getByName(`${wallet.tenant_id}/${wallet.user_id}`);
  const pairs: number[] = [];
  const endMs = Date.now() + durationMs;
  const call = async () => {
    while (Date.now() < endMs) {
      const startedMs = Date.now();
      const id = crypto.randomUUID();
      const reserved = await stub.reserve({
        wallet,
        policy,
        amount: 1_000,
        actor: { kind: 'user', id: wallet.user_id },
        session_issued_at_s: null,
        key: null,
        execution: {
          id,
          model: 'gpt-5.4-mini',
          api_key_id: null,
          input_tokens_bound: 500,
          max_output_tokens: 500,
          price_version: 1,
          started_at_ms: startedMs,
        },
      });
      const settled = await stub.settle({
        wallet,
        amount: 700,
        outcome: {
          id,
          status: 'succeeded',
          provider_name: 'OpenAI',
          provider_model: 'gpt-5.4-mini',
          finish_reason: 'stop',
          usage: null,
          usage_source: null,
          price_version: 1,
          cost_micro_usd: 100,
          attempts: [],
          error_code: null,
          finished_at_ms: startedMs,
        },
      });
      if (!reserved.ok || !settled.ok) throw new Error(JSON.stringify({ reserved, settled }));
      pairs.push(Date.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return pairs;
}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    return Response.json(
      await drive(env, Number(searchParams.get('callers')), Number(searchParams.get('duration_ms'))),
    );
  },
  /** Stands in for Postgres: confirms entries at once. */
  async queue(batch, env) {
    for (const { body } of batch.messages) {
      const { wallet, entries } = body;
      const stub = env.WALLET.getByName(`${wallet.tenant_id}/${wallet.user_id}`);
      await stub.confirm({ wallet, first_seq: entries[0]?.seq ?? 0, last_seq: entries.at(-1)?.seq ?? 0 });
    }
  },
} satisfies ExportedHandler<Env, JournalMessage>;
