import type { ResponseCache } from '../../../contracts/tenants/response-cache.ts';
import type { ExecutionOutcome, ExecutionStart, WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { TenantSnapshot } from '../../db/snapshots.ts';
import { type AnswerAddress, readAnswer, storeAnswer } from '../../objects/kept-answers.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { inTime } from '../../runtime/in-time.ts';
import type { Plan, PlannedCandidate } from '../plan.ts';
import type { TaskTypes } from '../task.ts';
import { addressOf, isKept, type KeptAnswer, readStored, storedText } from './kept-answer.ts';

/** The choice of a request: `skip` reads and keeps nothing; `refresh` reads nothing and keeps the new answer. */
export type CacheChoice = 'skip' | 'refresh';

/** The use of the response cache by an execution. */
export type CacheUse = {
  address: AnswerAddress;
  setting: ResponseCache;
  /** The kept answer, or null. Never rejects, and resolves within {@link WAIT_MS}. */
  found: Promise<KeptAnswer | null>;
};

/** Longest wait for the bucket. A request that finds nothing by then is answered by a provider. */
const WAIT_MS = 1_000;
const lateBucket = () => new Error('The bucket did not answer in time');

/** Returns the kept answer at an address, or null. A failure of the bucket is logged, and finds nothing. */
async function findAnswer(
  { objects, log }: Pick<Dependencies, 'objects' | 'log'>,
  address: AnswerAddress,
  { ttl_s }: ResponseCache,
): Promise<KeptAnswer | null> {
  try {
    const text = await inTime(readAnswer(objects, address), WAIT_MS, lateBucket);
    return text === null ? null : readStored(text, address, { ttl_s, now_ms: Date.now() });
  } catch (error) {
    log.warn('response_cache_not_read', { tenant_id: address.tenant_id, error });
    return null;
  }
}

/**
 * Begins to look for a kept answer, where the tenant, the task and the request allow it. Else null. The reservation is made meanwhile, so
 * the plan is the one before it was fitted to the balance.
 */
export function cacheUseOf<T extends TaskTypes>(
  deps: Pick<Dependencies, 'objects' | 'log'>,
  { response_cache: setting }: Pick<TenantSnapshot, 'response_cache'>,
  wallet: WalletIdentity,
  plan: Plan<T>,
  choice: CacheChoice | undefined,
): CacheUse | null {
  const { cache = null } = plan.task;
  if (setting === null || cache === null || choice === 'skip') return null;
  const address = addressOf(wallet, setting.scope, plan, cache);
  const found = choice === 'refresh' ? Promise.resolve(null) : findAnswer(deps, address, setting);
  return { address, setting, found };
}

/** An execution that a provider has answered. */
type Answered<T extends TaskTypes> = {
  start: Pick<ExecutionStart, 'id'>;
  plan: Plan<T>;
  wallet: WalletIdentity;
  cache: CacheUse | null;
};

/** Keeps the answer of a provider for equal requests, if it may be kept. Runs after the answer; a failure is logged. */
export function keepForEqual<T extends TaskTypes>(
  { objects, log, waitUntil }: Pick<Dependencies, 'objects' | 'log' | 'waitUntil'>,
  { start, plan, wallet, cache: use }: Answered<T>,
  { candidate, answer }: { candidate: PlannedCandidate; answer: T['answer'] },
  outcome: ExecutionOutcome,
): void {
  const { cache = null } = plan.task;
  if (use === null || cache === null || !isKept(cache, answer, outcome)) return;
  const { id: execution_id } = start;
  const { ttl_s } = use.setting;
  const text = storedText(use.address, { execution_id, kept_at_ms: Date.now(), ttl_s, candidate, answer });
  if (text === null) return;
  waitUntil(
    storeAnswer(objects, use.address, text, { wallet, execution_id }).catch((error) =>
      log.warn('response_cache_not_kept', { execution_id, error }),
    ),
  );
}
