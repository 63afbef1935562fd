import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { anthropicError, anthropicMessage, messagesRequest } from '../../../contracts/v1/messages.ts';
import { idempotencyOf } from '../../executions/begin.ts';
import { chatTask } from '../../executions/chat-task.ts';
import { MessageEncoder, messageOf } from '../../surfaces/anthropic/answer.ts';
import { anthropicErrorOf } from '../../surfaces/anthropic/error.ts';
import { translateMessages } from '../../surfaces/anthropic/request.ts';
import { answerExecution } from '../answers/answer-execution.ts';
import type { PrincipalEnv } from '../app-env.ts';
import { errorOf, refuseInvalid, statusOf } from '../errors.ts';
import { idempotencyHeader, json, jsonBody, sessionOrKey } from '../openapi/responses.ts';

const example = {
  model: 'auto',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

const create = createRoute({
  method: 'post',
  path: '/messages',
  tags: ['Anthropic-compatible'],
  summary:
    "Messages as Anthropic's API has them: its SDKs work with this hostname as their base URL and a key.",
  security: sessionOrKey('executions:write'),
  request: { headers: idempotencyHeader, ...jsonBody(messagesRequest, example) },
  responses: {
    200: {
      description: 'The message; with `stream` its events as server-sent events',
      content: {
        'application/json': { schema: anthropicMessage },
        'text/event-stream': { schema: z.string() },
      },
    },
    '4XX': json(anthropicError, "The request was refused, in Anthropic's shape"),
    '5XX': json(anthropicError, "The platform failed, in Anthropic's shape: nothing was charged"),
  },
});

/** The surface for Anthropic's SDKs, on every tenant's hostname. Errors take their shape in middleware/sdk-errors.ts. */
export const messagesRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const body = c.req.valid('json');
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'messages', body);
    return answerExecution(
      c,
      { task: chatTask(translateMessages(body)), idempotency },
      {
        stream: body.stream === true,
        streams_reasoning: false,
        encoderFor: (execution_id) =>
          new MessageEncoder({ execution_id, model: body.model }, ({ failure }) =>
            anthropicErrorOf(errorOf(c, failure.code, failure), statusOf(failure.code)),
          ),
        answer: (execution) => c.json(messageOf(execution), 200),
      },
    );
  },
);
