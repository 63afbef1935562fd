import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  createExecutionRequest,
  createExecutionResponse,
  execution,
  model,
} from '../../contracts/api/executions.ts';
import { pageOf, pageQuery } from '../../contracts/api/paging.ts';
import type { PrincipalEnv } from '../app-env.ts';
import { getExecution, listExecutions } from '../db/executions.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { insufficientBalance, problem, refuseInvalid } from '../errors.ts';
import { execute } from '../services/execute.ts';
import { listModels } from '../services/list-models.ts';
import { idParam, json, jsonBody, problems, sessionOrKey } from './responses.ts';

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
    'Runs a prompt: reserves the most it can cost, asks the providers in order, settles what it did cost.',
  security: sessionOrKey('executions:write'),
  request: jsonBody(createExecutionRequest),
  responses: {
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

/** Models and executions. */
export const aiRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(models, async (c) => {
    const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
    return listed.ok ? c.json({ items: listed.value }, 200) : problem(c, listed.failure.code);
  })
  .openapi(create, async (c) => {
    const run = execute(dependenciesOf(c), c.var.tenant, c.var.principal, c.req.valid('json'));
    // A client that hangs up must not stop the settlement.
    c.executionCtx.waitUntil(run.catch(() => undefined));
    const executed = await run;
    if (executed.ok) {
      const { execution, warning } = executed.value;
      c.header('x-execution-id', execution.id);
      c.header('x-wallet-tokens-charged', String(execution.tokens_charged));
      c.header('x-wallet-balance-after', String(execution.balance_after));
      c.header('x-attempts', String(execution.attempts.length));
      if (warning !== null)
        c.header(
          'x-wallet-warning',
          `used=${warning.used_percent}%; threshold=${warning.threshold_percent}%`,
        );
      return c.json(execution, 201);
    }
    const { failure } = executed;
    if (failure.execution_id !== undefined) c.header('x-execution-id', failure.execution_id);
    if (failure.code === 'insufficient_balance') return insufficientBalance(c, failure.refusal);
    return problem(c, failure.code, failure);
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
