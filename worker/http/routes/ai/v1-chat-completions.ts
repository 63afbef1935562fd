import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  chatCompletion,
  chatCompletionEvent,
  openAiError,
} from '../../../../contracts/v1/chat-completions-answer.ts';
import { chatCompletionRequest } from '../../../../contracts/v1/chat-completions-request.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { chatTask } from '../../../executions/chat-task.ts';
import { ChunkEncoder, completionOf } from '../../../surfaces/openai/answer.ts';
import { openAiErrorOf } from '../../../surfaces/openai/error.ts';
import { withFiles } from '../../../surfaces/openai/files.ts';
import { translateRequest } from '../../../surfaces/openai/request.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import { withOwnFiles } from '../../answers/with-own-files.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { errorOf, refuseInvalid, statusOf } from '../../errors.ts';
import {
  cachedHeader,
  executionHeaders,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const example = { model: 'auto', messages: [{ role: 'user' as const, content: 'Hello' }] };

const create = createRoute({
  method: 'post',
  path: '/chat/completions',
  operationId: 'createChatCompletion',
  'x-feature': 'playground_models',
  tags: ['OpenAI-compatible'],
  summary: 'Create a chat completion.',
  description:
    "Compatible with OpenAI's API. Use any OpenAI SDK with this hostname as its base URL and an API key.",
  security: sessionOrKey('executions:write'),
  request: { headers: cachedHeader, ...jsonBody(chatCompletionRequest, example) },
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
    ...surfaceProblems(openAiError),
  },
});

/** The surface for OpenAI's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const v1Routes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const body = c.req.valid('json');
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'chat/completions', body);
    const include_usage = body.stream_options?.include_usage === true;
    const request = await withOwnFiles(c, body, withFiles);
    if (request instanceof Response) return request;
    return answerExecution(
      c,
      { task: chatTask(translateRequest(request), { fit_to_balance: fitsToBalance(c) }), idempotency },
      {
        stream: body.stream === true,
        streams_reasoning: true,
        encoderFor: ({ execution_id, started_at_ms, model }) =>
          new ChunkEncoder(
            { execution_id, model, created_s: Math.floor(started_at_ms / 1_000), include_usage },
            ({ failure }) => openAiErrorOf(errorOf(c, failure.code, failure), statusOf(failure.code)),
          ),
        answer: (execution) => c.json(completionOf(execution), 200),
      },
    );
  },
);
