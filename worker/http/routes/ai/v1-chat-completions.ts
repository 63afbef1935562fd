import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  chatCompletion,
  chatCompletionEvent,
  type OpenAiModel,
  openAiError,
  openAiModel,
  openAiModelList,
} from '../../../../contracts/v1/chat-completions-answer.ts';
import { chatCompletionRequest } from '../../../../contracts/v1/chat-completions-request.ts';
import { anthropicModelList } from '../../../../contracts/v1/messages-answer.ts';
import { listModels } from '../../../catalog/list-models.ts';
import { publicNameOf } from '../../../catalog/model-names.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { chatTask } from '../../../executions/chat-task.ts';
import { anthropicModelsOf } from '../../../surfaces/anthropic/models.ts';
import { ChunkEncoder, completionOf } from '../../../surfaces/openai/answer.ts';
import { openAiErrorOf } from '../../../surfaces/openai/error.ts';
import { translateRequest } from '../../../surfaces/openai/request.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import { refuseAsOpenAi } from '../../answers/refuse-openai.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { errorOf, refuseInvalid, statusOf } from '../../errors.ts';
import {
  executionHeaders,
  idempotencyHeader,
  json,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const tags = ['OpenAI-compatible'];
const problems = surfaceProblems(openAiError);

const example = { model: 'auto', messages: [{ role: 'user' as const, content: 'Hello' }] };

const create = createRoute({
  method: 'post',
  path: '/chat/completions',
  operationId: 'createChatCompletion',
  'x-feature': 'playground_models',
  tags,
  summary: 'Create a chat completion.',
  description:
    "Compatible with OpenAI's API. Use any OpenAI SDK with this hostname as its base URL and an API key.",
  security: sessionOrKey('executions:write'),
  request: { headers: idempotencyHeader, ...jsonBody(chatCompletionRequest, example) },
  responses: {
    200: {
      description:
        'The completion. With `stream`: server-sent events. The data of each is a chunk, of the last `[DONE]`.',
      headers: executionHeaders,
      content: {
        'application/json': { schema: chatCompletion },
        'text/event-stream': { schema: chatCompletionEvent },
      },
    },
    ...problems,
  },
});

const models = createRoute({
  method: 'get',
  path: '/models',
  operationId: 'listOpenAiModels',
  tags,
  summary: "List the models you can use, in OpenAI's format.",
  description:
    "With the header `anthropic-version`, which Anthropic's SDKs send, the list has Anthropic's format.",
  security: sessionOrKey('models:read'),
  responses: {
    200: json(z.union([openAiModelList, anthropicModelList]), 'All models you can use.'),
    ...problems,
  },
});

const model = createRoute({
  method: 'get',
  path: '/models/{model}',
  operationId: 'getOpenAiModel',
  tags,
  summary: "Retrieve a model, in OpenAI's format.",
  security: sessionOrKey('models:read'),
  request: {
    params: z.object({ model: z.string().min(1).describe('The name of the model.') }),
  },
  responses: { 200: json(openAiModel, 'The model.'), ...problems },
});

const modelsOf = async (c: RequestContext & { var: PrincipalEnv['Variables'] }) => {
  const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
  if (!listed.ok) return listed;
  const data = listed.value.map(
    ({ name, providers }): OpenAiModel => ({
      id: name,
      object: 'model',
      // The time of creation is not known, and the SDKs need a number.
      created: 0,
      owned_by: providers[0]?.name ?? '',
    }),
  );
  return { ok: true as const, value: data };
};

/** The surface for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const v1Routes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(create, async (c) => {
    const body = c.req.valid('json');
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'chat/completions', body);
    const include_usage = body.stream_options?.include_usage === true;
    return answerExecution(
      c,
      { task: chatTask(translateRequest(body), { fit_to_balance: fitsToBalance(c) }), idempotency },
      {
        stream: body.stream === true,
        streams_reasoning: true,
        encoderFor: (execution_id, started_at_ms, model) =>
          new ChunkEncoder(
            { execution_id, model, created_s: Math.floor(started_at_ms / 1_000), include_usage },
            ({ failure }) => openAiErrorOf(errorOf(c, failure.code, failure), statusOf(failure.code)),
          ),
        answer: (execution) => c.json(completionOf(execution), 200),
      },
    );
  })
  .openapi(models, async (c) => {
    const listed = await modelsOf(c);
    if (!listed.ok) return refuseAsOpenAi(c, listed.failure.code);
    return c.req.header('anthropic-version') === undefined
      ? c.json({ object: 'list' as const, data: listed.value }, 200)
      : c.json(anthropicModelsOf(listed.value), 200);
  })
  .openapi(model, async (c) => {
    const listed = await modelsOf(c);
    if (!listed.ok) return refuseAsOpenAi(c, listed.failure.code);
    const name = publicNameOf(c.var.tenant, c.req.valid('param').model);
    const found = listed.value.find(({ id }) => id === name);
    return found === undefined
      ? refuseAsOpenAi(c, 'unknown_model', { details: { field: 'model' } })
      : c.json(found, 200);
  });
