import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import { transcription, transcriptionsRequest } from '../../../../contracts/v1/transcriptions.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { transcriptionTask } from '../../../executions/transcription-task.ts';
import { answerTask } from '../../answers/answer-task.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { digestedForm } from '../../digested-form.ts';
import { refuseInvalid } from '../../errors.ts';
import {
  executionHeaders,
  idempotencyHeader,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

/** `@` stands for the bytes of a file, as curl has it. */
const example = { model: 'gpt-4o-transcribe', file: '@speech.mp3' };

const create = createRoute({
  method: 'post',
  path: '/audio/transcriptions',
  operationId: 'createTranscription',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Create a transcription.',
  description:
    "Compatible with OpenAI's API. The context window and the output limit of the model are held, since the length of the audio is not known before; the tokens or seconds that the provider reports are charged.",
  security: sessionOrKey('executions:write'),
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'multipart/form-data': { schema: transcriptionsRequest, example } } },
  },
  responses: {
    200: {
      description: 'The transcription: JSON, or with the format `text` the text alone.',
      headers: executionHeaders,
      content: {
        'application/json': { schema: transcription },
        'text/plain': { schema: z.string().describe('The text of the audio.') },
      },
    },
    ...surfaceProblems(openAiError),
  },
});

/** Transcriptions for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const transcriptionsRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const form = c.req.valid('form');
    const key = c.req.valid('header')['idempotency-key'];
    const {
      response_format = 'json',
      'timestamp_granularities[]': granularities = [],
      stream: _,
      ...asked
    } = form;
    const task = transcriptionTask({
      ...asked,
      is_verbose: response_format === 'verbose_json',
      granularities: [granularities].flat(),
    });
    const idempotency =
      key === undefined ? undefined : idempotencyOf(key, 'audio/transcriptions', await digestedForm(form));
    const answer = await answerTask(c, { task, idempotency }, (response) =>
      response_format === 'text'
        ? c.body(response.transcription.text, 200, { 'content-type': 'text/plain; charset=utf-8' })
        : c.json(response.transcription, 200),
    );
    return answer as never;
  },
);
