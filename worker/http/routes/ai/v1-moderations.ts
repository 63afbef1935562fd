import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import { moderationsRequest, moderationsResponse } from '../../../../contracts/v1/moderations.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { moderationTask } from '../../../executions/moderation-task.ts';
import { answerTask } from '../../answers/answer-task.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { refuseInvalid } from '../../errors.ts';
import {
  executionHeaders,
  idempotencyHeader,
  json,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const create = createRoute({
  method: 'post',
  path: '/moderations',
  operationId: 'createModeration',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Create a moderation.',
  description:
    "Compatible with OpenAI's API. Judges texts and images by the provider's categories. The input is charged, at the model's input rate, by the platform's own count: providers report none.",
  security: sessionOrKey('executions:write'),
  request: {
    headers: idempotencyHeader,
    ...jsonBody(moderationsRequest, { model: 'omni-moderation-latest', input: 'Hello' }),
  },
  responses: {
    200: { ...json(moderationsResponse, 'The judgements.'), headers: executionHeaders },
    ...surfaceProblems(openAiError),
  },
});

/** Moderations for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const moderationsRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const body = c.req.valid('json');
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'moderations', body);
    const request = { task: moderationTask(body), idempotency };
    const answer = await answerTask(c, request, ({ id, model, results }) =>
      c.json({ id: `modr-${id}`, model, results }, 200),
    );
    // The middleware gives errors the form of the SDK.
    return answer as never;
  },
);
