import { beginExecution, type ExecutionRequest } from '../../executions/begin.ts';
import { ExecutionRun } from '../../executions/run.ts';
import type { ResponseOf, TaskTypes } from '../../executions/task.ts';
import type { PrincipalEnv, RequestContext } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import {
  cacheChoiceOf,
  cacheHeader,
  describeFinished,
  executionProblem,
  setHeaders,
} from './execution-headers.ts';
import { limitHeaders } from './limit-headers.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

/**
 * Runs a task whose answer comes in one piece, or repeats the answer of an Idempotency-Key. `respond` writes the answer of its API. Runs
 * on if the client leaves, since the platform would otherwise stop it between reservation and settlement.
 */
export function answerTask<T extends TaskTypes>(
  c: Context,
  request: ExecutionRequest<T>,
  respond: (response: ResponseOf<T>) => Response,
): Promise<Response> {
  const work = answer(c, request, respond);
  c.executionCtx.waitUntil(work.catch(() => undefined));
  return work;
}

async function answer<T extends TaskTypes>(
  c: Context,
  request: ExecutionRequest<T>,
  respond: (response: ResponseOf<T>) => Response,
): Promise<Response> {
  const deps = dependenciesOf(c);
  const cache = cacheChoiceOf(c);
  const begun = await beginExecution(deps, c.var.tenant, c.var.principal, { ...request, cache });
  if (!begun.ok) return executionProblem(c, begun.failure);
  if (begun.value.is === 'repeated') {
    const { response } = begun.value;
    // An answer whose client left before its end has no form in these APIs.
    if (response.status !== 'succeeded')
      return executionProblem(c, { code: 'execution_over', execution_id: response.id });
    c.header('idempotency-replayed', 'true');
    describeFinished(c, { response, warning: null });
    return respond(response);
  }
  const { execution } = begun.value;
  setHeaders(c, { ...limitHeaders(execution.key_window), ...cacheHeader(execution, false) });
  const run = new ExecutionRun(deps, execution, { clientGone: c.req.raw.signal, delivery: 'whole' });
  const executed = await run.collect();
  if (!executed.ok) return executionProblem(c, executed.failure);
  describeFinished(c, executed.value);
  return respond(executed.value.response);
}
