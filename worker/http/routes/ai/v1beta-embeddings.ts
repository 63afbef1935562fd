import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { askedModel } from '../../../../contracts/catalog/model-routing.ts';
import {
  batchEmbedContentsRequest,
  batchEmbedContentsResponse,
  type EmbedContentRequest,
  embedContentRequest,
  embedContentResponse,
} from '../../../../contracts/v1beta/embed-content.ts';
import { googleError } from '../../../../contracts/v1beta/generate-content-answer.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { embeddingTask } from '../../../executions/embedding-task.ts';
import {
  embeddingJson,
  embeddingsJson,
  translateEmbedContents,
} from '../../../surfaces/google/embeddings.ts';
import { answerTask } from '../../answers/answer-task.ts';
import { jsonInPieces } from '../../answers/json-in-pieces.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { refuseInvalid } from '../../errors.ts';
import {
  builtJson,
  cachedHeader,
  executionHeaders,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] } & Parameters<typeof jsonInPieces>[0];

const common = {
  'x-feature': 'playground_models' as const,
  tags: ['Google-compatible'],
  security: sessionOrKey('executions:write'),
};
const params = z.object({
  model: askedModel.describe('The name of an embedding model, or one of its aliases.'),
});
const example = { content: { parts: [{ text: 'Hello' }] } };
const problems = surfaceProblems(googleError);

const embed = createRoute({
  ...common,
  method: 'post',
  path: '/models/{model}/embedContent',
  operationId: 'embedContent',
  summary: 'Create an embedding of a text.',
  description: "Compatible with Google's API. The input is charged, at the model's input rate.",
  request: { params, headers: cachedHeader, ...jsonBody(embedContentRequest, example) },
  responses: {
    200: { ...builtJson(embedContentResponse, 'The vector.'), headers: executionHeaders },
    ...problems,
  },
});

const embedBatch = createRoute({
  ...common,
  method: 'post',
  path: '/models/{model}/batchEmbedContents',
  operationId: 'batchEmbedContents',
  summary: 'Create embeddings of several texts.',
  description: "Compatible with Google's API. The input is charged, at the model's input rate.",
  request: {
    params,
    headers: cachedHeader,
    ...jsonBody(batchEmbedContentsRequest, { requests: [example] }),
  },
  responses: {
    200: { ...builtJson(batchEmbedContentsResponse, 'The vectors.'), headers: executionHeaders },
    ...problems,
  },
});

/** The texts to embed, and the form of the answer. */
type Asked = {
  model: string;
  requests: EmbedContentRequest[];
  key: string | undefined;
  write: typeof embeddingJson;
};

function answer(c: Context, { model, requests, key, write }: Asked): Promise<Response> {
  const method = write === embeddingJson ? 'embedContent' : 'batchEmbedContents';
  const request = {
    task: embeddingTask(translateEmbedContents(model, requests)),
    idempotency: idempotencyOf(key, method, { model, requests }),
  };
  return answerTask(c, request, (response) => jsonInPieces(c, write(response)));
}

/** Embeddings for Google's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const embedContentRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(embed, (c) =>
    answer(c, {
      model: c.req.valid('param').model,
      requests: [c.req.valid('json')],
      key: c.req.valid('header')['idempotency-key'],
      write: embeddingJson,
    }),
  )
  .openapi(embedBatch, (c) =>
    answer(c, {
      model: c.req.valid('param').model,
      requests: c.req.valid('json').requests,
      key: c.req.valid('header')['idempotency-key'],
      write: embeddingsJson,
    }),
  );
