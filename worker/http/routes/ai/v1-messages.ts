import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  anthropicError,
  anthropicMessage,
  messageStreamEvent,
} from '../../../../contracts/v1/messages-answer.ts';
import { messagesRequest } from '../../../../contracts/v1/messages-request.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { chatTask } from '../../../executions/chat-task.ts';
import { MESSAGE_KEEP_ALIVE, MessageEncoder, messageOf } from '../../../surfaces/anthropic/answer.ts';
import { anthropicErrorOf } from '../../../surfaces/anthropic/error.ts';
import { withExactInputs } from '../../../surfaces/anthropic/exact-inputs.ts';
import { translateMessages } from '../../../surfaces/anthropic/request.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { errorOf, refuseInvalid, statusOf } from '../../errors.ts';
import {
  executionHeaders,
  idempotencyHeader,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const example = {
  model: 'auto',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

const create = createRoute({
  method: 'post',
  path: '/messages',
  operationId: 'createMessage',
  'x-feature': 'playground_models',
  tags: ['Anthropic-compatible'],
  summary: 'Create a message.',
  description:
    "Compatible with Anthropic's API. Use Anthropic's SDKs with this hostname as their base URL and an API key.",
  security: sessionOrKey('executions:write'),
  request: { headers: idempotencyHeader, ...jsonBody(messagesRequest, example) },
  responses: {
    200: {
      description: 'The message. With `stream`: server-sent events. The data of each is one of these.',
      headers: executionHeaders,
      content: {
        'application/json': { schema: anthropicMessage },
        'text/event-stream': { schema: messageStreamEvent },
      },
    },
    ...surfaceProblems(anthropicError),
  },
});

/** The surface for Anthropic's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const messagesRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid }).openapi(
  create,
  async (c) => {
    const body = withExactInputs(c.req.valid('json'), await c.req.text());
    const asks_thinking = body.thinking?.type === 'enabled' || body.thinking?.type === 'adaptive';
    const idempotency = idempotencyOf(c.req.valid('header')['idempotency-key'], 'messages', body);
    return answerExecution(
      c,
      { task: chatTask(translateMessages(body), { fit_to_balance: fitsToBalance(c) }), idempotency },
      {
        stream: body.stream === true,
        streams_reasoning: asks_thinking,
        keep_alive: MESSAGE_KEEP_ALIVE,
        encoderFor: (execution_id) =>
          new MessageEncoder({ execution_id, model: body.model, asks_thinking }, ({ failure }) =>
            anthropicErrorOf(errorOf(c, failure.code, failure), statusOf(failure.code)),
          ),
        answer: (execution) => c.json(messageOf(execution, { asks_thinking }), 200),
      },
    );
  },
);
