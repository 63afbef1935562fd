import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import { type ExecutionJob, keptOutput } from '../../contracts/execution-job.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { unlimited } from '../../durable-objects/wallet/rules/key-limits.ts';
import { runWhole } from '../../worker/executions/background/start.ts';
import type { ReservedExecution } from '../../worker/executions/begin.ts';
import { chatTask } from '../../worker/executions/chat-task.ts';
import { deliverNext } from '../../worker/queues/execution-runner.ts';
import { consumeDeadExecutions, consumeExecutions } from '../../worker/queues/executions.ts';
import { dependenciesOfMessage } from '../../worker/queues/queue.ts';
import { createLog } from '../../worker/runtime/log.ts';
import { asOwner, dependencies, environment, newcomer, stubOf } from './checked-wallet.ts';
import { PROVIDER_URL } from './simulated-stream.ts';
import { reserveCommandOf } from './wallet/wallet-commands.ts';

/** Helpers for tests of executions in the background: they begin one, and deliver its messages. */

/** Wallet tokens that an execution holds at first. */
export const HELD = 400;
const log = createLog('error', {});
export const inBackground = [{ background: true, falls_back: false }, new AbortController().signal] as const;

/** Begins a background execution of a new user: it is reserved, stored and sent to the queue. All of its output is held by default. */
export async function begunInBackground(
  model: string,
  api_key_id: string | null = null,
  limits = { max_output_tokens: 100, held_output_tokens: 100 },
): Promise<{ wallet: WalletIdentity; job: ExecutionJob }> {
  const wallet = await newcomer();
  const [[tenant]] = (await asOwner(sql`select slug from tenants where id = ${wallet.tenant_id}`)) as [
    [{ slug: string }],
  ];
  const command = reserveCommandOf(wallet, HELD);
  const start = {
    ...command.execution,
    api_key_id,
    model,
    max_output_tokens: 30,
    started_at_ms: Date.now(),
  };
  const reserved = await stubOf(wallet).reserve({
    ...{ ...command, execution: start, lifetime_ms: 3_600_000 },
    ...(api_key_id !== null && { session_issued_at_s: null, key: unlimited(api_key_id) }),
  });
  if (!reserved.ok) throw new Error(reserved.code);
  const sent: ExecutionJob[] = [];
  const executionJobs = {
    send: async (job: ExecutionJob) => void sent.push(job),
  } as unknown as Queue<ExecutionJob>;
  const content = [{ type: 'text' as const, text: 'Say.' }];
  const chat = { messages: [{ role: 'user' as const, content }] };
  const started = await runWhole(
    dependencies({ executionJobs }),
    { id: wallet.tenant_id, slug: tenant.slug },
    {
      ...{ start, wallet, user_id: wallet.user_id, shortfall: 0, expires_at_ms: reserved.expires_at_ms },
      ...{ keeps_answer: false, stores_contents: false, cache: null },
      plan: {
        ...{ candidates: [], ...limits, worst_case_tokens: HELD, fitted: false },
        task: chatTask({ model, chat }),
      },
    } as unknown as ReservedExecution,
    ...inBackground,
  );
  const [job] = sent;
  if (!started.ok || job === undefined) throw new Error('It was not sent');
  return { wallet, job };
}

export const bindings = (more: Partial<Env> = {}) => {
  const key = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: PROVIDER_URL };
  return environment({ ...key, ...more } as Partial<Env>);
};

/** Makes one delivery of an execution. Returns `done` if it is over, `again` if another follows. */
export async function deliver(job: ExecutionJob, more: Partial<Env> = {}, deliveries = 0) {
  const context = createExecutionContext();
  const deps = dependenciesOfMessage(bindings(more), context, { log, requestId: job.execution_id });
  const wait_ms = await deliverNext(deps, { job, deliveries });
  await waitOnExecutionContext(context);
  return wait_ms === null ? 'done' : 'again';
}

/** Sends a message to a consumer. Returns `done` if it was acknowledged, `again` if it will be retried. */
export async function consumed(queue: 'executions' | 'executions-dead', body: unknown) {
  const batch = createMessageBatch(queue, [{ id: '0', timestamp: new Date(), attempts: 1, body }]);
  const context = createExecutionContext();
  if (queue === 'executions') await consumeExecutions(batch, bindings(), log);
  else await consumeDeadExecutions(batch, bindings(), context, log);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  if (explicitAcks.length + retryMessages.length !== 1)
    throw new Error('A message must be either acknowledged or retried');
  return explicitAcks.length === 1 ? 'done' : 'again';
}

/** Returns the stored state of an execution; null without one. */
export async function keptOf({ execution_id }: ExecutionJob) {
  const [rows] = await asOwner(
    sql`select output #>> '{}' as output from ai_execution_contents where execution_id = ${execution_id}`,
  );
  const output = rows?.[0]?.output;
  return output === undefined ? null : keptOutput.parse(JSON.parse(String(output)));
}
