import { DurableObject } from 'cloudflare:workers';
import { type ExecutionJob, executionJob } from '../../contracts/execution-job.ts';
import { abandonExecution, deliverExecution } from '../executions/background/delivery.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { createLog } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { dependenciesOfMessage, retryDelayS } from './queue.ts';

/** Most deliveries of an execution, each with at most one attempt: about two minutes of retries. */
export const DELIVERIES_MAX = 7;
/** Most tries to end an execution after that. Then its reservation expires. */
const ENDINGS_MAX = 20;

/** The state of an object: its execution, and the number of deliveries so far. */
type Run = { job: ExecutionJob; deliveries: number };

/** Makes the next delivery of an execution, or ends it after the last. Returns the milliseconds until the next one; null if it is over. */
export async function deliverNext(deps: Dependencies, { job, deliveries }: Run): Promise<number | null> {
  const deliver = deliveries < DELIVERIES_MAX ? deliverExecution : abandonExecution;
  const { execution_id } = job;
  const delivery = await deliver(deps, job).catch((error) => {
    deps.log.warn('execution_delivery_failed', { execution_id, error });
    return { do: 'retry', wait_ms: 0 } as const;
  });
  if (delivery.do === 'done') return null;
  if (deliveries + 1 < DELIVERIES_MAX + ENDINGS_MAX)
    return Math.max(retryDelayS(deliveries + 1) * 1_000, delivery.wait_ms);
  deps.log.error('execution_not_ended', { execution_id });
  return null;
}

/**
 * One execution in the background. Its attempts are made by its alarm, so no execution waits for another one, of whatever tenant. The
 * platform runs an alarm again whose object was stopped. What it keeps is deleted at the end.
 */
export class ExecutionRunner extends DurableObject<Env> {
  /** Takes an execution, unless it has it, and attempts it at once. */
  async begin(raw: ExecutionJob): Promise<void> {
    const job = executionJob.parse(raw);
    if ((await this.ctx.storage.get<Run>('run')) === undefined)
      await this.#keep({ job, deliveries: 0 }, Date.now());
  }

  override async alarm(): Promise<void> {
    const run = await this.ctx.storage.get<Run>('run');
    if (run === undefined) return;
    const { execution_id } = run.job;
    const log = createLog(settingsOf(this.env).LOG_LEVEL, { execution_id });
    const deps = dependenciesOfMessage(this.env, this.ctx, { log, requestId: execution_id });
    const wait_ms = await deliverNext(deps, run);
    if (wait_ms === null) await this.ctx.storage.deleteAll();
    else await this.#keep({ ...run, deliveries: run.deliveries + 1 }, Date.now() + wait_ms);
  }

  /** Stores the run and its next alarm in one write. */
  async #keep(run: Run, next_ms: number): Promise<void> {
    await Promise.all([this.ctx.storage.put('run', run), this.ctx.storage.setAlarm(next_ms)]);
  }
}
