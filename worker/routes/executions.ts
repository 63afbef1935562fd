import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  createExecutionRequest,
  createExecutionResponse,
  type ExecutionEvent,
  execution,
  executionEvent,
  model,
} from '../../contracts/api/executions.ts';
import { pageOf, pageQuery } from '../../contracts/api/paging.ts';
import type { PrincipalEnv, RequestContext } from '../app-env.ts';
import { getExecution, listExecutions } from '../db/executions.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { errorOf, problem, refuseInvalid } from '../errors.ts';
import { beginExecution } from '../services/begin-execution.ts';
import { completeExecution, type Executed } from '../services/complete-execution.ts';
import { chatOfRequest } from '../services/execution-plan.ts';
import { idempotencyOf } from '../services/idempotency.ts';
import { listModels } from '../services/list-models.ts';
import { replayOf } from '../services/replay.ts';
import type { LiveEvent } from '../services/stream-execution.ts';
import { eventStream } from './event-stream.ts';
import { answerHeaders, executionProblem } from './execution-answer.ts';
import { answerLive } from './live-answer.ts';
import { idempotencyHeader, idParam, json, jsonBody, problems, sessionOrKey } from './responses.ts';

const tags = ['AI'];

const models = createRoute({
  method: 'get',
  path: '/models',
  tags,
  summary: 'The models you may use, with what they cost.',
  security: sessionOrKey('models:read'),
  responses: {
    200: json(z.object({ items: z.array(model) }), 'All of them: a price list is short'),
    ...problems,
  },
});

const create = createRoute({
  method: 'post',
  path: '/executions',
  tags,
  summary:
    'Runs a prompt: reserves the most it can cost, asks the providers in order, settles what it did cost. With `stream` ' +
    'the answer comes as server-sent events, the finished execution last.',
  security: sessionOrKey('executions:write'),
  request: { headers: idempotencyHeader, ...jsonBody(createExecutionRequest) },
  responses: {
    200: {
      description: 'With `stream`: server-sent events, each one of these',
      content: { 'text/event-stream': { schema: executionEvent } },
    },
    201: json(createExecutionResponse, 'The finished execution and the balance after it'),
    ...problems,
  },
});

const list = createRoute({
  method: 'get',
  path: '/executions',
  tags,
  summary: 'Your executions, newest first; admins see the whole tenant and may filter by user.',
  security: sessionOrKey('executions:read'),
  request: { query: pageQuery.extend({ user_id: z.uuid().optional() }) },
  responses: { 200: json(pageOf(execution), 'A page of executions'), ...problems },
});

const read = createRoute({
  method: 'get',
  path: '/executions/{id}',
  tags,
  summary: 'One execution: what it cost, and every attempt.',
  security: sessionOrKey('executions:read'),
  request: { params: idParam },
  responses: { 200: json(execution, 'The execution'), ...problems },
});

/** One event of a stream, as our own API says it. */
function eventOf(c: RequestContext, event: LiveEvent): ExecutionEvent {
  if (event.type === 'finished') return { type: 'execution', execution: event.executed.execution };
  if (event.type === 'error') return { type: 'error', ...errorOf(c, event.failure.code, event.failure) };
  return event;
}

const eventText = (event: ExecutionEvent) => `data: ${JSON.stringify(event)}\n\n`;

/** Models and executions. */
export const aiRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(models, async (c) => {
    const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
    return listed.ok ? c.json({ items: listed.value }, 200) : problem(c, listed.failure.code);
  })
  .openapi(create, async (c) => {
    const body = c.req.valid('json');
    const deps = dependenciesOf(c);
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'executions', body);
    const { fit_to_balance = false, stream = false } = body;
    const request = { ...chatOfRequest(body), fit_to_balance, idempotency };
    const begun = await beginExecution(deps, c.var.tenant, c.var.principal, request);
    if (!begun.ok) return executionProblem(c, begun.failure);
    const answer = (executed: Executed) => {
      answerHeaders(c, executed);
      return c.json(executed.execution, 201);
    };
    if (begun.value.is === 'repeated') {
      const executed = { execution: begun.value.execution, warning: null };
      c.header('idempotency-replayed', 'true');
      if (!stream) return answer(executed);
      return eventStream(c, {}, async ({ send }) => {
        for (const event of replayOf(executed)) await send(eventText(eventOf(c, event)));
      });
    }
    if (stream) {
      return answerLive(c, deps, begun.value.begun, {
        headers: {},
        encode: (event) => eventText(eventOf(c, event)),
        refuse: (failure) => executionProblem(c, failure),
      });
    }
    const completion = completeExecution(deps, begun.value.begun, c.req.raw.signal);
    // A client that hangs up must not stop the settlement.
    c.executionCtx.waitUntil(completion.catch(() => undefined));
    const completed = await completion;
    return completed.ok ? answer(completed.value) : executionProblem(c, completed.failure);
  })
  .openapi(list, async (c) => {
    const { user_id, ...page } = c.req.valid('query');
    const executions = await listExecutions(
      dependenciesOf(c).database,
      c.var.principal,
      page,
      user_id ?? null,
    );
    return executions.ok ? c.json(executions.value, 200) : problem(c, executions.failure.code);
  })
  .openapi(read, async (c) => {
    const found = await getExecution(dependenciesOf(c).database, c.var.principal, c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  });
