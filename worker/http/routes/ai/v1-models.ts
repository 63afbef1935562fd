import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Model } from '../../../../contracts/api/executions.ts';
import { ok } from '../../../../contracts/result.ts';
import { anthropicModel, anthropicModelList, modelPage } from '../../../../contracts/v1/anthropic-models.ts';
import {
  openAiError,
  openAiModel,
  openAiModelList,
} from '../../../../contracts/v1/chat-completions-answer.ts';
import { anthropicError } from '../../../../contracts/v1/messages-answer.ts';
import { listModels, oncePerName } from '../../../catalog/list-models.ts';
import { publicNameOf } from '../../../catalog/model-names.ts';
import { anthropicModelOf, anthropicModelsOf } from '../../../surfaces/anthropic/models.ts';
import { openAiModelOf } from '../../../surfaces/openai/models.ts';
import { isOfAnthropic, refuseAsClient } from '../../answers/refuse-as-client.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { refuseInvalid } from '../../errors.ts';
import { json, sessionOrKey, surfaceProblems } from '../../openapi/responses.ts';

const tags = ['OpenAI-compatible'];
const security = sessionOrKey('models:read');
const problems = surfaceProblems(z.union([openAiError, anthropicError]));
const BOTH =
  "With the header `anthropic-version`, which Anthropic's SDKs send, answers and errors have Anthropic's format.";

const list = createRoute({
  method: 'get',
  path: '/models',
  operationId: 'listOpenAiModels',
  tags,
  summary: "List the models you can use, in OpenAI's format.",
  description: `${BOTH} Only then the list has pages.`,
  security,
  request: { query: modelPage },
  responses: {
    200: json(z.union([openAiModelList, anthropicModelList]), 'The models you can use.'),
    ...problems,
  },
});

const get = createRoute({
  method: 'get',
  path: '/models/{model}',
  operationId: 'getOpenAiModel',
  tags,
  summary: "Retrieve a model, in OpenAI's format.",
  description: BOTH,
  security,
  request: {
    params: z.object({ model: z.string().min(1).describe('The name of the model.') }),
  },
  responses: { 200: json(z.union([openAiModel, anthropicModel]), 'The model.'), ...problems },
});

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

async function modelsOf(c: Context) {
  const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
  return listed.ok ? ok(oncePerName(listed.value)) : listed;
}

const listOfOpenAi = (models: readonly Model[]) => ({
  object: 'list' as const,
  data: models.map(openAiModelOf),
});

/** The models for the SDKs of OpenAI and Anthropic. Errors get their format in middleware/sdk-errors.ts. */
export const v1ModelRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const models = await modelsOf(c);
    if (!models.ok) return refuseAsClient(c, models.failure.code);
    if (!isOfAnthropic(c)) return c.json(listOfOpenAi(models.value), 200);
    const page = c.req.valid('query');
    const answer = anthropicModelsOf(models.value, page);
    if (answer !== null) return c.json(answer, 200);
    const field = page.after_id === undefined ? 'before_id' : 'after_id';
    return refuseAsClient(c, 'unknown_model', { details: { field } });
  })
  .openapi(get, async (c) => {
    const models = await modelsOf(c);
    if (!models.ok) return refuseAsClient(c, models.failure.code);
    const asked = publicNameOf(c.var.tenant, c.req.valid('param').model);
    const found = models.value.find(({ name }) => name === asked);
    if (found === undefined) return refuseAsClient(c, 'unknown_model', { details: { field: 'model' } });
    return c.json(isOfAnthropic(c) ? anthropicModelOf(found) : openAiModelOf(found), 200);
  });
