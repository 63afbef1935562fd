import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  googleError,
  googleModel,
  googleModelList,
} from '../../../../contracts/v1beta/generate-content-answer.ts';
import { listModels, oncePerName } from '../../../catalog/list-models.ts';
import { publicNameOf } from '../../../catalog/model-names.ts';
import { googleModelOf } from '../../../surfaces/google/models.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { builtJson, sessionOrKey, surfaceProblems } from '../../openapi/responses.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

const tags = ['Google-compatible'];
const problems = surfaceProblems(googleError);

const list = createRoute({
  method: 'get',
  path: '/models',
  operationId: 'listGoogleModels',
  tags,
  summary: "List the models you can use, in Google's format.",
  security: sessionOrKey('models:read'),
  responses: { 200: builtJson(googleModelList, 'All models you can use.'), ...problems },
});

const read = createRoute({
  method: 'get',
  path: '/models/{model}',
  operationId: 'getGoogleModel',
  tags,
  summary: "Retrieve a model, in Google's format.",
  security: sessionOrKey('models:read'),
  request: { params: z.object({ model: z.string().min(1).describe('The name of the model.') }) },
  responses: { 200: builtJson(googleModel, 'The model.'), ...problems },
});

async function answerList(c: Context): Promise<Response> {
  const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
  if (!listed.ok) return problem(c, listed.failure.code);
  return c.json({ models: oncePerName(listed.value).map(googleModelOf) });
}

async function answerRead(c: Context, asked: string): Promise<Response> {
  const listed = await listModels(dependenciesOf(c), c.var.tenant, c.var.principal);
  if (!listed.ok) return problem(c, listed.failure.code);
  const name = publicNameOf(c.var.tenant, asked);
  const found = oncePerName(listed.value).find((model) => model.name === name);
  if (found === undefined) return problem(c, 'unknown_model', { details: { field: 'model' } });
  return c.json(googleModelOf(found));
}

/** The models for Google's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const googleModelRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(list, (c) => answerList(c))
  .openapi(read, (c) => answerRead(c, c.req.valid('param').model));
