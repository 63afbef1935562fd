import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  type CreateExecutionRequest,
  createExecutionRequest,
  createExecutionResponse,
  type Execution,
  type ExecutionEvent,
  execution,
  executionEvent,
  executionReceipt,
  keptContent,
  model,
} from '../../../../contracts/api/executions.ts';
import { listOf } from '../../../../contracts/api/paging.ts';
import { listModels } from '../../../catalog/list-models.ts';
import { getOwnBackground, getOwnContent } from '../../../db/executions/contents.ts';
import { getExecution } from '../../../db/executions/executions.ts';
import { shownTo } from '../../../db/executions/provider-cost.ts';
import { cancelExecution } from '../../../executions/background/cancel.ts';
import { BACKGROUND_LIFETIME_MS } from '../../../executions/background/start.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { type ChatLiveEvent, chatTask } from '../../../executions/chat-task.ts';
import { deleteContents } from '../../../executions/contents.ts';
import type { ExecutionFailure } from '../../../executions/failure.ts';
import { seesProviderCost } from '../../../executions/provider-cost.ts';
import { withFiles } from '../../../surfaces/native/files.ts';
import { chatOfRequest } from '../../../surfaces/native/request.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import { withOwnFiles } from '../../answers/with-own-files.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { errorOf, problem, refuseInvalid } from '../../errors.ts';
import { featureRefusal } from '../../middleware/level-features.ts';
import {
  backgroundHeaders,
  type CommonCode,
  cachedHeader,
  executionHeaders,
  idParam,
  json,
  jsonBody,
  ofBody,
  problems,
  sessionOrKey,
  streamHeaders,
} from '../../openapi/responses.ts';

const tags = ['AI'];
const idOf = idParam('The id of the execution.');

const models = createRoute({
  method: 'get',
  path: '/models',
  operationId: 'listModels',
  tags,
  summary: 'List the models you can use.',
  description: 'Returns each model with its limits and its price.',
  security: sessionOrKey('models:read'),
  responses: {
    200: json(listOf(model), 'All models you can use.'),
    ...problems(),
  },
});

/** The Prefer header (RFC 7240). Unknown preferences are ignored. */
const preferHeader = z.object({
  prefer: z
    .string()
    .max(1_000)
    .optional()
    .describe('Send `respond-async` to run the execution in the background.'),
});
const prefersAsync = (prefer = '') => /(?:^|,)\s*respond-async\s*(?:[,;]|$)/i.test(prefer);

type Refusal = Exclude<ExecutionFailure['code'], CommonCode>;

/** Errors of an execution, as a record so that the compiler finds missing ones. */
const refusals = Object.keys({
  unknown_model: true,
  model_unpriced: true,
  amount_out_of_range: true,
  too_many_in_flight: true,
  insufficient_balance: true,
  tokens_held: true,
  idempotency_mismatch: true,
  idempotency_in_progress: true,
  idempotency_answer_gone: true,
  provider_rejected: true,
  context_length_exceeded: true,
  provider_failed: true,
  execution_over: true,
} satisfies Record<Refusal, true>) as Refusal[];

const createHeaders = cachedHeader.extend(preferHeader.shape);

const create = createRoute({
  method: 'post',
  path: '/executions',
  operationId: 'createExecution',
  'x-feature': 'playground_models',
  tags,
  summary: 'Create an execution.',
  description:
    'Runs a prompt. The most it can cost is reserved in your wallet, the providers are tried in order of priority, and the real cost is charged. With `stream`, the response is a stream of server-sent events that ends with the finished execution. With `background`, or the header `Prefer: respond-async`, the response comes at once and the execution runs for up to one hour.',
  security: sessionOrKey('executions:write'),
  request: {
    headers: createHeaders,
    ...jsonBody(createExecutionRequest, { model: 'auto', prompt: 'Hello' }),
  },
  responses: {
    200: {
      description: 'With `stream`: server-sent events. The data of each is one of these.',
      headers: streamHeaders,
      content: { 'text/event-stream': { schema: executionEvent } },
    },
    201: {
      ...json(createExecutionResponse, 'The finished execution and the balance after it.'),
      headers: executionHeaders,
    },
    202: {
      ...json(execution, 'The execution runs in the background. Poll the path in `Location`.'),
      headers: backgroundHeaders,
    },
    ...problems(...ofBody, ...refusals),
  },
});

const read = createRoute({
  method: 'get',
  path: '/executions/{id}',
  operationId: 'getExecution',
  tags,
  summary: 'Retrieve an execution.',
  description:
    'Returns the execution with its receipt: the tokens reserved, charged and released, the provider calls and the ledger entries.',
  security: sessionOrKey('executions:read'),
  request: { params: idOf },
  responses: { 200: json(executionReceipt, 'The execution and its receipt.'), ...problems('not_found') },
});

const cancel = createRoute({
  method: 'post',
  path: '/executions/{id}/cancel',
  operationId: 'cancelExecution',
  tags,
  summary: 'Cancel an execution.',
  description:
    'Cancels one of your background executions. If a provider is answering, the call is ended and you are charged for what it has used by then. Otherwise nothing is charged. If you cancel it again, you get the same response.',
  security: sessionOrKey('executions:write'),
  request: { params: idOf },
  responses: {
    200: json(
      execution,
      'The cancelled execution. Its status is `running` if the call of the provider takes more than eight seconds to end.',
    ),
    ...problems('execution_over', 'not_found', 'not_in_background'),
  },
});

const content = createRoute({
  method: 'get',
  path: '/executions/{id}/content',
  operationId: 'getExecutionContent',
  tags,
  summary: 'Retrieve the content of an execution.',
  description: 'Returns your prompt and the answer. Fields are null if the tenant does not store them.',
  security: sessionOrKey('executions:read'),
  request: { params: idOf },
  responses: { 200: json(keptContent, 'The prompt and the answer.'), ...problems('not_found') },
});

const removeContent = createRoute({
  method: 'delete',
  path: '/executions/{id}/content',
  operationId: 'deleteExecutionContent',
  tags,
  summary: 'Delete the content of an execution.',
  description:
    'Deletes your prompt and the answer permanently, including the answer stored for its Idempotency-Key. A background execution that still runs is cancelled.',
  security: sessionOrKey('executions:write'),
  request: { params: idOf },
  responses: { 204: { description: 'Deleted.' }, ...problems('not_found') },
});

/** An execution that runs on in the background, and where to look for it. */
function accepted(c: RequestContext, execution: Execution) {
  c.header('location', `/api/ai/executions/${execution.id}`);
  c.header('x-execution-id', execution.id);
  return c.json(execution, 202);
}

/** Returns an event of a stream in the shape of our own API. Null for one that the finished execution tells. */
function eventOf(c: RequestContext, event: ChatLiveEvent, sees_cost: boolean): ExecutionEvent | null {
  if (event.type === 'carried' || event.type === 'input_told') return null;
  if (event.type === 'finished')
    return { type: 'execution', execution: shownTo({ sees_cost }, event.executed.response) };
  if (event.type === 'error') return { type: 'error', ...errorOf(c, event.failure.code, event.failure) };
  return event;
}

const encodeEvent = (event: ExecutionEvent | null): string =>
  event === null ? '' : `data: ${JSON.stringify(event)}\n\n`;

/** Runs an execution and answers as the request asks: in one piece, as a stream, or with 202 while it runs in the background. */
async function answerCreate(
  c: RequestContext & { var: PrincipalEnv['Variables'] },
  body: CreateExecutionRequest,
  { prefer, 'idempotency-key': key }: z.infer<typeof createHeaders>,
) {
  const { fit_to_balance = fitsToBalance(c), stream = false } = body;
  const runs = body.background === true || (!stream && prefersAsync(prefer));
  const falls_back = body.fallback === 'background';
  if (runs || falls_back) {
    const refusal = await featureRefusal(c, 'background_runs');
    if (refusal !== null) return refusal;
  }
  const request = await withOwnFiles(c, body, withFiles);
  if (request instanceof Response) return request;
  const lifetime_ms = runs || falls_back ? BACKGROUND_LIFETIME_MS : undefined;
  const sees_cost = await seesProviderCost(dependenciesOf(c), c.var.tenant, c.var.principal);
  return answerExecution(
    c,
    {
      task: chatTask(chatOfRequest(request), { fit_to_balance }),
      idempotency: idempotencyOf(key, 'executions', runs ? { ...body, background: true } : body),
      lifetime_ms,
    },
    {
      stream,
      streams_reasoning: true,
      encoderFor: () => ({ encode: (event) => encodeEvent(eventOf(c, event, sees_cost)) }),
      answer: (response) => c.json(shownTo({ sees_cost }, response), 201),
      background: {
        runs,
        falls_back,
        accepted: (execution) => accepted(c, shownTo({ sees_cost }, execution)),
      },
      // A repeated request whose first one runs in the background gets that one.
      async refuse({ code, execution_id }) {
        if (code !== 'idempotency_in_progress' || lifetime_ms === undefined || execution_id === undefined)
          return null;
        const running = await getOwnBackground(dependenciesOf(c).database, c.var.principal, execution_id);
        return running === null ? null : accepted(c, running);
      },
    },
  );
}

/** Models and single executions. */
export const aiRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(models, async (c) => {
    const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
    return listed.ok ? c.json({ items: listed.value }, 200) : problem(c, listed.failure.code);
  })
  .openapi(create, (c) => answerCreate(c, c.req.valid('json'), c.req.valid('header')))
  .openapi(read, async (c) => {
    const found = await getExecution(dependenciesOf(c).database, c.var.principal, c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(cancel, async (c) => {
    const { id } = c.req.valid('param');
    const cancelled = await cancelExecution(dependenciesOf(c), c.var.principal, id);
    return cancelled.ok ? c.json(cancelled.value, 200) : problem(c, cancelled.failure.code);
  })
  .openapi(content, async (c) => {
    const kept = await getOwnContent(dependenciesOf(c).database, c.var.principal, c.req.valid('param').id);
    return kept.ok ? c.json(kept.value, 200) : problem(c, kept.failure.code);
  })
  .openapi(removeContent, async (c) => {
    const { id } = c.req.valid('param');
    const deleted = await deleteContents(dependenciesOf(c), c.var.principal, id);
    return deleted.ok ? c.body(null, 204) : problem(c, deleted.failure.code);
  });
