import { type ExecutionJob, executionJob } from '../../contracts/execution-job.ts';
import { abandonExecution } from '../executions/background/delivery.ts';
import { sweepExpiredContents } from '../executions/contents.ts';
import type { Log } from '../runtime/log.ts';
import { connectAsQueue, dependenciesOfMessage, retryDelayS } from './queue.ts';

/** Handles a job. Resolves with true if it is done, and with false if it is to be delivered again. */
type Consume = (job: ExecutionJob, message: Message) => Promise<boolean>;

/** Consumes the messages of a batch concurrently. */
async function consume(batch: MessageBatch, log: Log, consumer: Consume): Promise<void> {
  const consumeOne = async (message: Message) => {
    const job = executionJob.safeParse(message.body);
    if (!job.success) {
      log.error('execution_job_malformed', { message_id: message.id });
      // A retry cannot succeed, and the message names no execution to end. Its reservation expires.
      return message.ack();
    }
    const isDone = await consumer(job.data, message).catch((error) => {
      log.warn('execution_delivery_failed', { execution_id: job.data.execution_id, error });
      return false;
    });
    if (isDone) message.ack();
    else message.retry({ delaySeconds: retryDelayS(message.attempts) });
  };
  await Promise.all(batch.messages.map(consumeOne));
}

/**
 * Consumes the `executions` queue: hands each execution to an object of its own, which makes its attempts. A message that is delivered
 * twice begins nothing again.
 */
export const consumeExecutions = (batch: MessageBatch, env: Env, log: Log): Promise<void> =>
  consume(batch, log, async (job) => {
    await env.EXECUTION_RUNNER.getByName(`${job.tenant.id}/${job.execution_id}`).begin(job);
    return true;
  });

/** Consumes the dead letters of the `executions` queue: ends executions that could not be handed over. */
export const consumeDeadExecutions = (
  batch: MessageBatch,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  log: Log,
): Promise<void> =>
  consume(batch, log, async (job, { id }) => {
    const deps = dependenciesOfMessage(env, ctx, { log, requestId: id });
    return (await abandonExecution(deps, job)).do === 'done';
  });

/** Deletes expired contents. Runs every hour. */
export const deleteExpiredContents = (env: Env, log: Log): Promise<void> =>
  sweepExpiredContents(connectAsQueue(env), log);
