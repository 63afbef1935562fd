import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Execution } from '../../../../contracts/api/executions.ts';
import type { ChatMessage } from '../../../../contracts/chat/chat.ts';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import {
  type OpenAiResponse,
  openAiResponse,
  responseDeleted,
  responseInputList,
  responseStreamEvent,
} from '../../../../contracts/v1/responses-answer.ts';
import { type ResponsesRequest, responsesRequest } from '../../../../contracts/v1/responses-request.ts';
import { getOwnContents } from '../../../db/executions/contents.ts';
import { getExecution } from '../../../db/executions/executions.ts';
import { cancelExecution } from '../../../executions/background/cancel.ts';
import { BACKGROUND_LIFETIME_MS } from '../../../executions/background/start.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { chatTask } from '../../../executions/chat-task.ts';
import { deleteContents } from '../../../executions/contents.ts';
import {
  type Asked,
  begunResponse,
  executionOfResponse,
  responseOf,
} from '../../../surfaces/responses/answer.ts';
import { withFiles } from '../../../surfaces/responses/files.ts';
import { inputListOf } from '../../../surfaces/responses/input-items.ts';
import { keptOf, statusesOfResponses, storedResponse } from '../../../surfaces/responses/kept.ts';
import { refusedFieldOf, translateResponses } from '../../../surfaces/responses/request.ts';
import { ResponseEncoder } from '../../../surfaces/responses/stream.ts';
import { withOwnTools } from '../../../surfaces/responses/tools.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import { continuedResponse } from '../../answers/continued-response.ts';
import { refuseAsOpenAi } from '../../answers/refuse-openai.ts';
import { withOwnFiles } from '../../answers/with-own-files.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { errorOf, refuseInvalid } from '../../errors.ts';
import { featureRefusal } from '../../middleware/level-features.ts';
import {
  cachedHeader,
  executionHeaders,
  json,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

const tags = ['OpenAI-compatible'];
const problems = surfaceProblems(openAiError);
const params = z.object({ response_id: z.string().max(100).describe('The id of the response.') });

const readQuery = z.object({
  stream: z
    .string()
    .max(10)
    .refine((value) => value !== 'true', 'A kept response is not streamed')
    .optional()
    .describe('Not supported: `false` or left out.'),
});
const orderQuery = z.object({
  order: z
    .enum(['asc', 'desc'])
    .optional()
    .describe('The order of the items: the newest first with `desc`, the default.'),
});

const create = createRoute({
  method: 'post',
  path: '/responses',
  operationId: 'createResponse',
  'x-feature': 'playground_models',
  tags,
  summary: 'Create a response.',
  description:
    "Compatible with OpenAI's Responses API. Served by every provider. Kept for `previous_response_id` if the tenant keeps contents, and you do not set `store` to false.",
  security: sessionOrKey('executions:write'),
  request: { headers: cachedHeader, ...jsonBody(responsesRequest, { model: 'auto', input: 'Hello' }) },
  responses: {
    200: {
      description: 'The response. With `stream`: server-sent events. The data of each is one of these.',
      headers: executionHeaders,
      content: {
        'application/json': { schema: openAiResponse },
        'text/event-stream': { schema: responseStreamEvent },
      },
    },
    ...problems,
  },
});

const read = createRoute({
  method: 'get',
  path: '/responses/{response_id}',
  operationId: 'getResponse',
  tags,
  summary: 'Retrieve a kept response.',
  security: sessionOrKey('executions:read'),
  request: { params, query: readQuery },
  responses: { 200: json(openAiResponse, 'The response.'), ...problems },
});

const inputItems = createRoute({
  method: 'get',
  path: '/responses/{response_id}/input_items',
  operationId: 'listResponseInputItems',
  tags,
  summary: 'List the input of a kept response.',
  description: 'Returns the conversation that was sent to the provider.',
  security: sessionOrKey('executions:read'),
  request: { params, query: orderQuery },
  responses: { 200: json(responseInputList, 'The items.'), ...problems },
});

const remove = createRoute({
  method: 'delete',
  path: '/responses/{response_id}',
  operationId: 'deleteResponse',
  tags,
  summary: 'Delete a kept response.',
  description:
    'Deletes the input and the answer permanently. A response in the background is cancelled first.',
  security: sessionOrKey('executions:write'),
  request: { params },
  responses: { 200: json(responseDeleted, 'Deleted.'), ...problems },
});

const cancel = createRoute({
  method: 'post',
  path: '/responses/{response_id}/cancel',
  operationId: 'cancelResponse',
  tags,
  summary: 'Cancel a response in the background.',
  description: 'You are charged for what the provider has used by then.',
  security: sessionOrKey('executions:write'),
  request: { params },
  responses: { 200: json(openAiResponse, 'The response.'), ...problems },
});

const noResponse = (c: RequestContext) =>
  refuseAsOpenAi(c, 'not_found', { message: 'There is no such response, or it is not kept.' });

type Stored = { execution: Execution; response: OpenAiResponse; messages: ChatMessage[] };

/** Returns a kept response of the caller; null if there is none. */
async function stored(c: Context, id: string): Promise<Stored | null> {
  const executionId = executionOfResponse(id);
  if (executionId === null) return null;
  const { database } = dependenciesOf(c);
  const [contents, execution] = await Promise.all([
    getOwnContents(database, c.var.principal, executionId),
    getExecution(database, c.var.principal, executionId),
  ]);
  if (!contents.ok || !execution.ok || contents.value.kept === null) return null;
  const { input, output } = contents.value.kept;
  const response = storedResponse(execution.value, input, output);
  const { messages } = input.chat;
  return response === null ? null : { execution: execution.value, response, messages };
}

/** Returns the refusal of a request that says nothing, or asks for what is not here; else null. */
async function refusalOf(c: Context, request: ResponsesRequest): Promise<Response | null> {
  const { store, background, stream } = request;
  const refused = refusedFieldOf(request);
  if (refused !== null) return refuseField(c, refused);
  if (store === true && !c.var.tenant.stores_contents)
    return refuseField(c, { field: 'store', rule: 'unsupported', message: 'This tenant keeps no contents' });
  if (background !== true) return null;
  if (stream === true || store === false)
    return refuseField(c, {
      field: 'background',
      rule: 'unsupported',
      message: 'A response in the background is kept, and not streamed',
    });
  return featureRefusal(c, 'background_runs');
}

async function answerCreate(c: Context, body: ResponsesRequest, key: string | undefined): Promise<Response> {
  const filled = await withOwnFiles(c, body, withFiles);
  if (filled instanceof Response) return filled;
  const refusal = await refusalOf(c, filled);
  if (refusal !== null) return refusal;
  const continued = await continuedResponse(c, filled);
  if (continued instanceof Response) return continued;
  const request = withOwnTools(continued.request);
  const runs = body.background === true;
  const asked: Asked = { request, store: runs || (c.var.tenant.stores_contents && body.store !== false) };
  const task = chatTask(translateResponses(request, continued.earlier), {
    fit_to_balance: fitsToBalance(c),
    kept: keptOf(request),
  });
  return answerExecution(
    c,
    {
      task: asked.store ? task : { ...task, storage: null },
      idempotency: idempotencyOf(key, 'responses', body),
      lifetime_ms: runs ? BACKGROUND_LIFETIME_MS : undefined,
    },
    {
      stream: body.stream === true,
      streams_reasoning: true,
      encoderFor: ({ execution_id, started_at_ms, model }) =>
        new ResponseEncoder(
          { execution_id, created_s: Math.floor(started_at_ms / 1_000), model, asked },
          ({ failure }) => errorOf(c, failure.code, failure).error,
        ),
      answer: (execution) => c.json(responseOf(execution, asked), 200),
      background: {
        runs,
        falls_back: false,
        accepted: ({ id, created_at, model }) => {
          c.header('x-execution-id', id);
          const created_s = Math.floor(Date.parse(created_at) / 1_000);
          return c.json(
            { ...begunResponse({ execution_id: id, created_s, model }, asked), status: 'queued' as const },
            200,
          );
        },
      },
    },
  );
}

/** The surface for OpenAI's Responses API. Errors get their format in middleware/sdk-errors.ts. */
export const responsesRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(create, (c) => answerCreate(c, c.req.valid('json'), c.req.valid('header')['idempotency-key']))
  .openapi(read, async (c) => {
    const found = await stored(c, c.req.valid('param').response_id);
    return found === null ? noResponse(c) : c.json(found.response, 200);
  })
  .openapi(inputItems, async (c) => {
    const found = await stored(c, c.req.valid('param').response_id);
    if (found === null) return noResponse(c);
    return c.json(inputListOf(found.execution.id, found.messages, c.req.valid('query').order), 200);
  })
  .openapi(remove, async (c) => {
    const { response_id: id } = c.req.valid('param');
    const found = await stored(c, id);
    if (found === null) return noResponse(c);
    const deleted = await deleteContents(dependenciesOf(c), c.var.principal, found.execution.id);
    if (!deleted.ok) return refuseAsOpenAi(c, deleted.failure.code);
    return c.json({ id, object: 'response' as const, deleted: true as const }, 200);
  })
  .openapi(cancel, async (c) => {
    const found = await stored(c, c.req.valid('param').response_id);
    if (found === null) return noResponse(c);
    const { execution, response } = found;
    const cancelled = await cancelExecution(dependenciesOf(c), c.var.principal, execution.id);
    if (!cancelled.ok) return refuseAsOpenAi(c, cancelled.failure.code);
    return c.json({ ...response, status: statusesOfResponses[cancelled.value.status] }, 200);
  });
