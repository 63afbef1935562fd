import { v7 as uuidv7 } from 'uuid';
import type { AppliedPrice } from '../../contracts/catalog/price.ts';
import type {
  ExecutionOutcome,
  ExecutionStart,
  JournalEntry,
  JournalMessage,
  WalletIdentity,
} from '../../contracts/wallet/journal.ts';
import { GENESIS_HASH, hashEntry } from '../../journal/hash.ts';
import type { Place } from './world.ts';

/** Entries of a wallet with lifetime tokens. They add up, link and hash as real ones do. */

const SYSTEM = { kind: 'system', id: null } as const;
const STARTED_AT_MS = Date.parse('2026-11-23T12:00:00Z');

type Step = Pick<JournalEntry, 'kind' | 'operation_id' | 'amount'> & {
  lifetime?: number;
  reserved?: number;
  execution_start?: ExecutionStart;
  execution_outcome?: ExecutionOutcome;
  thresholds_crossed?: number[];
};

export const startOf = (id: string): ExecutionStart => ({
  id,
  model: 'auto',
  api_key_id: null,
  input_tokens_bound: 100,
  max_output_tokens: 1_024,
  price_version: 3,
  started_at_ms: STARTED_AT_MS,
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
  usage: {
    input_tokens: 9,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 4,
    reasoning_tokens: 1,
  },
  usage_source: 'reported',
  price_version: status === 'succeeded' ? 2 : null,
  cost_micro_usd: 11,
  attempts: [
    {
      provider_kind: 'openai',
      provider_name: 'OpenAI',
      provider_model: 'gpt-5.4-mini',
      started_at_ms: STARTED_AT_MS,
      latency_ms: 250,
      failure: null,
    },
  ],
  error_code: null,
  finished_at_ms: STARTED_AT_MS + 300,
});

/** The price of an execution. */
export const appliedPrice: AppliedPrice = {
  list: 'tenant',
  model_id: '01900000-0000-7000-8000-000000000501',
  version: 2,
  wallet_tokens_per_1000: { input: 1_000, cache_read: 100, cache_write: 1_000, output: 2_750 },
  cost_list: 'platform',
  cost_version: 5,
  micro_usd_per_million: { input: 250_000, cache_read: 25_000, cache_write: 250_000, output: 2_000_000 },
};

/** Chains the steps into the entries of one wallet. */
export function entriesOf(wallet: WalletIdentity, steps: Step[]): JournalEntry[] {
  const entries: JournalEntry[] = [];
  let lifetime = 0;
  let reserved = 0;
  let prev_hash = GENESIS_HASH;
  for (const [index, step] of steps.entries()) {
    lifetime += step.lifetime ?? 0;
    reserved += step.reserved ?? 0;
    const unsealed = {
      seq: index + 1,
      kind: step.kind,
      operation_id: step.operation_id,
      amount: step.amount,
      monthly_delta: 0,
      lifetime_delta: step.lifetime ?? 0,
      reserved_delta: step.reserved ?? 0,
      overage: 0,
      monthly_after: 0,
      lifetime_after: lifetime,
      reserved_after: reserved,
      overage_after: 0,
      period: '2026-11',
      policy_version: Date.now() * 1_000,
      actor: SYSTEM,
      reason: 'Because “ü” 🙂',
      reference: null,
      execution_start: step.execution_start ?? null,
      execution_outcome: step.execution_outcome ?? null,
      at_ms: STARTED_AT_MS + index,
      ...(step.thresholds_crossed === undefined ? {} : { thresholds_crossed: step.thresholds_crossed }),
      prev_hash,
    };
    prev_hash = hashEntry(wallet, unsealed);
    entries.push({ ...unsealed, hash: prev_hash });
  }
  return entries;
}

export type Run = { wallet: WalletIdentity; entries: JournalEntry[]; execution_ids: string[] };

/** A wallet with `granted` tokens and `count` executions, each of which reserved 50 and cost 20. */
export function runOf(
  { tenant_id, user_id }: Pick<Place, 'tenant_id' | 'user_id'>,
  count: number,
  granted = 1_000,
): Run {
  const wallet = { tenant_id, user_id };
  const execution_ids = Array.from({ length: count }, () => uuidv7());
  const steps: Step[] = [
    { kind: 'allocation', operation_id: 'allocation', amount: granted, lifetime: granted },
    ...execution_ids.flatMap((id): Step[] => [
      { kind: 'reserve', operation_id: id, amount: 50, reserved: 50, execution_start: startOf(id) },
      {
        kind: 'debit',
        operation_id: id,
        amount: 20,
        lifetime: -20,
        reserved: -50,
        execution_outcome: outcomeOf(id),
      },
    ]),
  ];
  return { wallet, entries: entriesOf(wallet, steps), execution_ids };
}

/** Splits the entries into queue messages of at most `size` each. */
export function messagesOf({ wallet, entries }: Pick<Run, 'wallet' | 'entries'>, size = 3): JournalMessage[] {
  const messages: JournalMessage[] = [];
  for (let from = 0; from < entries.length; from += size) {
    messages.push({ version: 1, wallet, entries: entries.slice(from, from + size) });
  }
  return messages;
}
