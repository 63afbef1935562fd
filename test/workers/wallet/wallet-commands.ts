import type { ExecutionOutcome, WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { ReserveCommand } from '../../../durable-objects/wallet/commands.ts';

/** Commands and a policy for the tests of the wallet. */

export const policy: WalletPolicy = {
  version: 1,
  mode: 'lifetime',
  allocation_tokens: 1_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 1_000,
};

export const newIdentity = (): WalletIdentity => ({
  tenant_id: crypto.randomUUID(),
  user_id: crypto.randomUUID(),
});

export const objectName = ({ tenant_id, user_id }: WalletIdentity) => `${tenant_id}/${user_id}`;

export const reserveCommandOf = (
  wallet: WalletIdentity,
  amount: number,
  id: string = crypto.randomUUID(),
  changes: Partial<WalletPolicy> = {},
): ReserveCommand => ({
  wallet,
  policy: { ...policy, ...changes },
  amount,
  actor: { kind: 'user', id: wallet.user_id },
  session_issued_at_s: 1_000,
  key: null,
  execution: {
    id,
    model: 'gpt-5.4-mini',
    api_key_id: null,
    input_tokens_bound: 10,
    max_output_tokens: 10,
    price_version: 1,
    started_at_ms: 1,
  },
});

export const outcomeOf = (
  id: string,
  status: ExecutionOutcome['status'] = 'succeeded',
): ExecutionOutcome => ({
  id,
  status,
  provider_name: 'OpenAI',
  provider_model: 'gpt-5.4-mini',
  finish_reason: 'stop',
  usage: null,
  usage_source: null,
  price_version: 1,
  cost_micro_usd: 0,
  attempts: [],
  error_code: null,
  finished_at_ms: 2,
});
