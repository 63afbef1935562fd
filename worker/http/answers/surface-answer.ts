import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import { beginExecution, type ExecutionRequest } from '../../executions/begin-execution.ts';
import { completeExecution, type Executed } from '../../executions/complete-execution.ts';
import { replayOf } from '../../executions/replay.ts';
import type { LiveEvent } from '../../executions/stream-execution.ts';
import type { PrincipalEnv, RequestContext } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { eventStream } from './event-stream.ts';
import { answerHeaders, executionProblem, outliving } from './execution-answer.ts';
import { answerLive } from './live-answer.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

/** How a surface of another API says things. */
type Surface = {
  stream: boolean;
  /** Writes one stream; made anew for each. */
  encoderFor: (execution_id: string, started_at_ms: number) => { encode: (event: LiveEvent) => string };
  answer: (execution: CreateExecutionResponse) => Response;
};

/** Runs a request that came in the shape of another API, and answers in that shape: in one piece, as a stream, or once more. */
export const answerExecution = (c: Context, request: ExecutionRequest, surface: Surface): Promise<Response> =>
  outliving(c, answerReserved(c, request, surface));

async function answerReserved(
  c: Context,
  request: ExecutionRequest,
  { stream, encoderFor, answer }: Surface,
): Promise<Response> {
  const deps = dependenciesOf(c);
  const begun = await beginExecution(deps, c.var.tenant, c.var.principal, request);
  if (!begun.ok) return executionProblem(c, begun.failure);
  const answerWhole = (executed: Executed) => {
    answerHeaders(c, executed);
    return answer(executed.execution);
  };
  if (begun.value.is === 'repeated') {
    const executed = { execution: begun.value.execution, warning: null };
    const { id: execution_id, created_at, status } = executed.execution;
    // Its client left before it was said, so there is no answer to give again; these surfaces have no word for that.
    if (status !== 'succeeded') return executionProblem(c, { code: 'execution_over', execution_id });
    c.header('idempotency-replayed', 'true');
    if (!stream) return answerWhole(executed);
    const encoder = encoderFor(execution_id, Date.parse(created_at));
    return eventStream(c, { 'x-execution-id': execution_id }, async ({ send }) => {
      for (const event of replayOf(executed)) await send(encoder.encode(event));
    });
  }
  const { begun: execution } = begun.value;
  if (stream) {
    const encoder = encoderFor(execution.start.id, execution.start.started_at_ms);
    return answerLive(c, deps, execution, {
      headers: {},
      hears_reasoning: false,
      encode: (event) => encoder.encode(event),
      refuse: (failure) => executionProblem(c, failure),
    });
  }
  const completed = await completeExecution(deps, execution, c.req.raw.signal);
  return completed.ok ? answerWhole(completed.value) : executionProblem(c, completed.failure);
}
