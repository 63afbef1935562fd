import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import { embeddingsRequest, embeddingsResponse } from '../../../../contracts/v1/embeddings.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { embeddingTask } from '../../../executions/embedding-task.ts';
import { embeddingsJson, translateEmbeddings } from '../../../surfaces/openai/embeddings.ts';
import { answerTask } from '../../answers/answer-task.ts';
import { jsonInPieces } from '../../answers/json-in-pieces.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { refuseInvalid } from '../../errors.ts';
import {
  cachedHeader,
  executionHeaders,
  json,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const example = { model: 'text-embedding-3-small', input: 'Hello' };

const create = createRoute({
  method: 'post',
  path: '/embeddings',
  operationId: 'createEmbeddings',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Create embeddings.',
  description:
    "Compatible with OpenAI's API. Returns a vector for each text. The input is charged, at the model's input rate.",
  security: sessionOrKey('executions:write'),
  request: { headers: cachedHeader, ...jsonBody(embeddingsRequest, example) },
  responses: {
    200: { ...json(embeddingsResponse, 'The vectors.'), headers: executionHeaders },
    ...surfaceProblems(openAiError),
  },
});

/** Embeddings for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const embeddingsRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const body = c.req.valid('json');
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'embeddings', body);
    const request = { task: embeddingTask(translateEmbeddings(body)), idempotency };
    const answer = await answerTask(c, request, (response) =>
      jsonInPieces(c, embeddingsJson(response, body)),
    );
    // The middleware gives errors the form of the SDK.
    return answer as never;
  },
);
