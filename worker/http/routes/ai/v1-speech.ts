import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import { speechRequest, speechTypes } from '../../../../contracts/v1/speech.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { speechTask } from '../../../executions/speech-task.ts';
import { answerTask } from '../../answers/answer-task.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { refuseInvalid } from '../../errors.ts';
import {
  executionHeaders,
  idempotencyHeader,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const example = { model: 'gpt-4o-mini-tts', input: 'Hello', voice: 'alloy' };
const audio = z.string().describe('The audio.').meta({ format: 'binary' });

const create = createRoute({
  method: 'post',
  path: '/audio/speech',
  operationId: 'createSpeech',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Create speech.',
  description:
    "Compatible with OpenAI's API. The output limit of the model is held; the tokens that the provider reports are charged, or the characters of the input where it reports none.",
  security: sessionOrKey('executions:write'),
  request: { headers: idempotencyHeader, ...jsonBody(speechRequest, example) },
  responses: {
    200: {
      description: 'The audio, in the format that the request names.',
      headers: executionHeaders,
      content: { 'audio/mpeg': { schema: audio } },
    },
    ...surfaceProblems(openAiError),
  },
});

/** Speech for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const speechRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const { model, input, voice, instructions, response_format, speed } = c.req.valid('json');
    const request = {
      ...{ model, input, voice, response_format: response_format ?? 'mp3' },
      ...(instructions != null && { instructions }),
      ...(speed != null && { speed }),
    } as const;
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'audio/speech', request);
    return answerTask(c, { task: speechTask(request), idempotency }, ({ audio }) =>
      c.body(Buffer.from(audio, 'base64'), 200, { 'content-type': speechTypes[request.response_format] }),
    );
  },
);
