import { v7 as uuidv7 } from 'uuid';
import type { AppliedPrice } from '../../contracts/catalog/price.ts';
import type { Result } from '../../contracts/result.ts';
import type { Attempt, Usage } from '../../contracts/usage.ts';
import type { ExecutionOutcome } from '../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import { chargeOf, costMicroUsd, worstCaseCharge } from '../../worker/providers/metering/pricing.ts';
import { between, chooseBy, type Random } from './chance.ts';
import type { PastCommand } from './past-commands.ts';
import type { HistoryModel, HistoryName, HistoryUser } from './people.ts';

/** One execution of a demo history: its hold, its attempts and its end. Pure. */

type Wish = { user: HistoryUser; name: HistoryName; policy: WalletPolicy; start_ms: number };

type PlannedExecution = {
  commands: PastCommand[];
  /** Wallet tokens. */
  held: number;
  charged: number;
  end_ms: number;
};

/** Ends of executions and their shares. A failover needs a second candidate. */
const ends = [
  { end: 'answered', share: 90 },
  { end: 'failed_over', share: 5 },
  { end: 'failed', share: 3 },
  { end: 'cancelled', share: 2 },
] as const;

const failures = [
  { kind: 'rate_limited', status: 429 },
  { kind: 'overloaded', status: 529 },
  { kind: 'timeout', status: null },
] as const;

/** The most tokens of an answer that requests allow. */
const OUTPUT_LIMIT = 2_048;

const amountOf = (amount: Result<number, { code: string }>): number => {
  if (!amount.ok) throw new Error('An amount of the demo history is out of range');
  return amount.value;
};

const priceOf = ({ id, price }: HistoryModel): AppliedPrice => ({
  ...{ list: price.list, model_id: id, version: price.version },
  ...{
    wallet_tokens_per_1000: price.wallet_tokens_per_1000,
    cost_list: 'tenant',
    cost_version: price.cost_version,
  },
  micro_usd_per_million: price.micro_usd_per_million,
});

const attemptOf = (
  { provider, provider_model }: HistoryModel,
  started_at_ms: number,
  latency_ms: number,
  failure: Attempt['failure'],
): Attempt => ({
  ...{ provider_id: provider.id, provider_kind: provider.kind, provider_name: provider.name, provider_model },
  ...{ started_at_ms, latency_ms, failure },
});

function failedAttempt(model: HistoryModel, started_at_ms: number, random: Random): Attempt {
  const { kind, status } = chooseBy(failures, () => 1, random);
  const latency_ms = kind === 'timeout' ? 20_000 : between([120, 900], random);
  return attemptOf(model, started_at_ms, latency_ms, { kind, status, retryable: true, retry_after_ms: null });
}

/** The outcome of an execution that a model answered, wholly or until it was cancelled. */
function answered(
  id: string,
  status: 'succeeded' | 'cancelled',
  model: HistoryModel,
  usage: Usage,
): Omit<ExecutionOutcome, 'attempts' | 'finished_at_ms'> {
  return {
    ...{ id, status, provider_name: model.provider.name, provider_model: model.provider_model },
    ...{ finish_reason: status === 'succeeded' ? 'stop' : null, usage },
    ...{
      usage_source: status === 'succeeded' ? 'reported' : 'estimated',
      price_version: model.price.version,
    },
    price: priceOf(model),
    cost_micro_usd: amountOf(costMicroUsd(usage, model.price.micro_usd_per_million)),
    error_code: status === 'cancelled' ? 'cancelled' : null,
  };
}

/** Usage of a prompt, a part of which the cache held, and an answer. */
const usageOf = (input_tokens: number, output_tokens: number, cache_read_tokens: number): Usage => ({
  ...{ input_tokens: input_tokens - cache_read_tokens, cache_read_tokens, cache_write_tokens: 0 },
  ...{ output_tokens, reasoning_tokens: 0 },
});

/** A planned request, and its hold. */
function requestOf({ name, user }: Wish, random: Random) {
  const isChat = name.task === undefined;
  const input = between(name.input_tokens, random);
  const bound = Math.ceil(input * 1.4) + 96;
  const limit = isChat ? OUTPUT_LIMIT : 0;
  return {
    ...{ input, bound, limit },
    output: isChat ? Math.min(OUTPUT_LIMIT, between(name.output_tokens, random)) : 0,
    cached: isChat && random() < 0.25 ? Math.floor(input * 0.5) : 0,
    held: Math.max(
      ...name.candidates.map(({ price }) =>
        amountOf(worstCaseCharge(bound, limit, price.wallet_tokens_per_1000)),
      ),
    ),
    key: user.key !== null && random() < 0.6 ? user.key : null,
  };
}

type Ending = (typeof ends)[number]['end'];

/** Chooses the end. What a name cannot have, a failover without a second candidate or a cancelled embedding, is answered. */
function endingOf({ name }: Wish, random: Random): Ending {
  const { end } = chooseBy(ends, ({ share }) => share, random);
  const isPossible = end === 'cancelled' ? name.task === undefined : name.candidates.length > 1;
  return isPossible || end === 'failed' ? end : 'answered';
}

/** The calls of an execution: those that failed, then the one that answered, unless all failed. */
function attemptsOf(
  candidates: HistoryModel[],
  answering: HistoryModel | null,
  begin_ms: number,
  said: number,
  random: Random,
) {
  const attempts: Attempt[] = [];
  const after = () => attempts.reduce((ms, { latency_ms }) => ms + latency_ms, begin_ms);
  for (const model of candidates) {
    if (model === answering) break;
    attempts.push(failedAttempt(model, after(), random));
  }
  if (answering !== null)
    attempts.push(attemptOf(answering, after(), between([300, 900], random) + said * 9, null));
  return { attempts, finished_at_ms: after() + 12 };
}

const failedOutcome = (id: string): Omit<ExecutionOutcome, 'attempts' | 'finished_at_ms'> => ({
  ...{ id, status: 'failed', provider_name: null, provider_model: null, finish_reason: null, usage: null },
  ...{ usage_source: null, price_version: null, cost_micro_usd: 0, error_code: 'provider_failed' },
});

/** The model that answers, by the end of an execution; null if none does. */
function answeringOf([first, second]: HistoryModel[], end: Ending): HistoryModel | null {
  if (end === 'failed') return null;
  return (end === 'failed_over' ? second : first) ?? null;
}

/** Plans one execution from its start to its settlement. */
export function planExecution(wish: Wish, random: Random): PlannedExecution {
  const { user, name, policy, start_ms } = wish;
  const { wallet } = user;
  const [first] = name.candidates;
  if (first === undefined) throw new Error('A name has a candidate');
  const id = uuidv7({ msecs: start_ms });
  const { input, bound, limit, output, cached, held, key } = requestOf(wish, random);
  const start: PastCommand = {
    at_ms: start_ms,
    method: 'reserve',
    command: {
      ...{ wallet, policy, amount: held, actor: { kind: 'user', id: wallet.user_id } },
      ...{ session_issued_at_s: null, session_id: null, key },
      execution: {
        ...{
          id,
          ...(name.task && { task: name.task }),
          model: first.public_name,
          api_key_id: key?.id ?? null,
        },
        ...{ input_tokens_bound: bound, max_output_tokens: limit, price_version: first.price.version },
        started_at_ms: start_ms,
      },
    },
  };
  const end = endingOf(wish, random);
  const model = answeringOf(name.candidates, end);
  const said = end === 'cancelled' ? Math.ceil(output / 3) : output;
  const begin_ms = start_ms + between([20, 90], random);
  const finished = attemptsOf(name.candidates, model, begin_ms, said, random);
  const end_ms = finished.finished_at_ms;
  if (model === null) {
    const outcome = { ...failedOutcome(id), ...finished };
    const release: PastCommand = { at_ms: end_ms, method: 'release', command: { wallet, outcome } };
    return { commands: [start, release], held, charged: 0, end_ms };
  }
  const usage = usageOf(input, said, cached);
  const charged = amountOf(chargeOf(usage, model.price.wallet_tokens_per_1000));
  const outcome = {
    ...answered(id, end === 'cancelled' ? 'cancelled' : 'succeeded', model, usage),
    ...finished,
  };
  const settle: PastCommand = {
    at_ms: end_ms,
    method: 'settle',
    command: { wallet, amount: charged, outcome },
  };
  return { commands: [start, settle], held, charged, end_ms };
}
