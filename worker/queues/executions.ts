import { type ExecutionJob, executionJob } from '../../contracts/execution-job.ts';
import {
  abandonExecution,
  type DeliveryResult,
  deliverExecution,
} from '../executions/background/delivery.ts';
import { sweepExpiredContents } from '../executions/contents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { connectAsQueue, retryDelayS } from './queue.ts';

type Consume = (deps: Dependencies, job: ExecutionJob) => Promise<DeliveryResult>;

/**
 * Consumes the messages of a batch concurrently. The platform processes acknowledgements when the whole batch is done, so in production
 * a batch is one message: a long execution delays no other one's next attempt.
 */
async function consume(
  batch: MessageBatch,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  log: Log,
  consumer: Consume,
): Promise<void> {
  const settings = settingsOf(env);
  const shared = {
    settings,
    log,
    database: connectAsQueue(env),
    wallets: env.WALLET,
    tenantWallets: env.TENANT_WALLET,
    policyUpdates: env.POLICY_UPDATES_QUEUE,
    executionJobs: env.EXECUTIONS_QUEUE,
    waitUntil: (promise: Promise<unknown>) => ctx.waitUntil(promise),
  };
  const consumeOne = async (message: Message) => {
    const job = executionJob.safeParse(message.body);
    if (!job.success) {
      log.error('execution_job_malformed', { message_id: message.id });
      // A retry cannot succeed, and the message names no execution to end. Its reservation expires.
      return message.ack();
    }
    const delivery = await consumer({ ...shared, requestId: message.id }, job.data).catch((error) => {
      log.warn('execution_delivery_failed', { execution_id: job.data.execution_id, error });
      return { do: 'retry', wait_ms: 0 } as const;
    });
    if (delivery.do === 'done') return message.ack();
    const delaySeconds = Math.max(retryDelayS(message.attempts), Math.ceil(delivery.wait_ms / 1_000));
    message.retry({ delaySeconds });
  };
  await Promise.all(batch.messages.map(consumeOne));
}

/** Consumes the `executions` queue: one attempt per delivery. A retry is a later delivery, by the next provider. */
export const consumeExecutions = (
  batch: MessageBatch,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  log: Log,
): Promise<void> => consume(batch, env, ctx, log, deliverExecution);

/** Consumes the dead letters of the `executions` queue: ends executions whose every delivery failed. */
export const consumeDeadExecutions = (
  batch: MessageBatch,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  log: Log,
): Promise<void> => consume(batch, env, ctx, log, abandonExecution);

/** Deletes expired contents. Runs every hour. */
export const deleteExpiredContents = (env: Env, log: Log): Promise<void> =>
  sweepExpiredContents(connectAsQueue(env), log);
