import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';

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

/** Reserves and settles once. Returns the duration in milliseconds. */
async function runPair(env: Env, wallet: WalletIdentity): Promise<number> {
  const stub = env.WALLET.getByName(`${wallet.tenant_id}/${wallet.user_id}`);
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
      model: 'bench',
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
      provider_model: 'bench',
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
  return Date.now() - startedMs;
}

/** Pairs of a reserve and a settle: on which wallets in turn, by how many callers, and when to stop. */
export type PairsPlan = {
  wallets: WalletIdentity[];
  callers: number;
  duration_ms?: number;
  pairs_max?: number;
};

/**
 * Reserves and settles with concurrent callers. They run in the process of the wallets, so that the wallets are measured and not the
 * network. Returns the duration of each pair.
 */
export async function runPairs(env: Env, plan: PairsPlan): Promise<number[]> {
  const {
    wallets,
    callers,
    duration_ms = Number.POSITIVE_INFINITY,
    pairs_max = Number.POSITIVE_INFINITY,
  } = plan;
  const durations: number[] = [];
  const endMs = Date.now() + duration_ms;
  let begun = 0;
  const call = async () => {
    while (Date.now() < endMs && begun < pairs_max) {
      const wallet = wallets[begun++ % wallets.length];
      if (wallet === undefined) throw new Error('A plan names wallets');
      durations.push(await runPair(env, wallet));
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return durations;
}
