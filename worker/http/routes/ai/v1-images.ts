import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import { imageEditsRequest, imagesRequest, imagesResponse } from '../../../../contracts/v1/images.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { imageTask } from '../../../executions/image-task.ts';
import { imagesJson, translateEdits, translateImages } from '../../../surfaces/openai/images.ts';
import { answerTask } from '../../answers/answer-task.ts';
import { jsonInPieces } from '../../answers/json-in-pieces.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { digestedForm } from '../../digested-form.ts';
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
  path: '/images/generations',
  operationId: 'createImages',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Create images.',
  description:
    "Compatible with OpenAI's API. The output limit of the model is held for each image; the tokens that the provider reports are charged.",
  security: sessionOrKey('executions:write'),
  request: {
    headers: idempotencyHeader,
    ...jsonBody(imagesRequest, { model: 'gpt-image-2.6-flare', prompt: 'A red kite', size: '1024x1024' }),
  },
  responses: {
    200: { ...json(imagesResponse, 'The images.'), headers: executionHeaders },
    ...surfaceProblems(openAiError),
  },
});

/** `@` stands for the bytes of a file, as curl has it. */
const editExample = { model: 'gpt-image-2.6-flare', prompt: 'A red kite', image: '@kite.png' };

const edit = createRoute({
  method: 'post',
  path: '/images/edits',
  operationId: 'editImages',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Edit images.',
  description:
    "Compatible with OpenAI's API. The context window of the model is held for the input, since the tokens of images are not known before.",
  security: sessionOrKey('executions:write'),
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: { 'multipart/form-data': { schema: imageEditsRequest, example: editExample } },
    },
  },
  responses: {
    200: { ...json(imagesResponse, 'The images.'), headers: executionHeaders },
    ...surfaceProblems(openAiError),
  },
});

/** Images for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const imagesRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(create, async (c) => {
    const body = c.req.valid('json');
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'images/generations', body);
    const request = { task: imageTask(translateImages(body)), idempotency };
    const answer = await answerTask(c, request, (response) => jsonInPieces(c, imagesJson(response)));
    // The middleware gives errors the form of the SDK.
    return answer as never;
  })
  .openapi(edit, async (c) => {
    const form = c.req.valid('form');
    const key = c.req.valid('header')['idempotency-key'];
    const idempotency =
      key === undefined ? undefined : idempotencyOf(key, 'images/edits', await digestedForm(form));
    const request = { task: imageTask(translateEdits(form)), idempotency };
    const answer = await answerTask(c, request, (response) => jsonInPieces(c, imagesJson(response)));
    return answer as never;
  });
