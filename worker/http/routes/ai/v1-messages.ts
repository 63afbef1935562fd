import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  anthropicError,
  anthropicMessage,
  messageStreamEvent,
  messageTokensCount,
} from '../../../../contracts/v1/messages-answer.ts';
import { countTokensRequest, messagesRequest } from '../../../../contracts/v1/messages-request.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { chatTask } from '../../../executions/chat-task.ts';
import { countChatInput } from '../../../executions/count-input.ts';
import { MESSAGE_KEEP_ALIVE, MessageEncoder, messageOf } from '../../../surfaces/anthropic/answer.ts';
import { anthropicErrorOf } from '../../../surfaces/anthropic/error.ts';
import { withExactInputs } from '../../../surfaces/anthropic/exact-inputs.ts';
import { withFiles } from '../../../surfaces/anthropic/files.ts';
import { translateInput, translateMessages } from '../../../surfaces/anthropic/request.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import { refuseAsAnthropic } from '../../answers/refuse-anthropic.ts';
import { withOwnFiles } from '../../answers/with-own-files.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { errorOf, refuseInvalid, statusOf } from '../../errors.ts';
import { COUNT_WINDOW_MS, isCountThrottled } from '../../middleware/rate-limit.ts';
import {
  cachedHeader,
  countHeaders,
  executionHeaders,
  json,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';

const example = {
  model: 'auto',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

/** Headers of Anthropic's API. */
const anthropicHeaders = z.object({
  'anthropic-version': z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'A date, such as 2026-10-21')
    .optional()
    .describe("The version of Anthropic's API. Requests and answers have the same form in all of them."),
  'anthropic-beta': z
    .string()
    .max(8_000)
    .optional()
    .describe(
      'Names of previews, with commas between them. Anthropic gets those that change no price; others are left out.',
    ),
});

const createHeaders = cachedHeader.extend(anthropicHeaders.shape);

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
  request: { headers: createHeaders, ...jsonBody(messagesRequest, example) },
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

const { max_tokens: _, ...counted } = example;

const count = createRoute({
  method: 'post',
  path: '/messages/count_tokens',
  operationId: 'countMessageTokens',
  'x-feature': 'playground_models',
  tags: ['Anthropic-compatible'],
  summary: 'Count the input tokens of a message.',
  description:
    'Counts the input of a request for the provider that would be asked first. Nothing is run, held or charged. The header `X-Input-Tokens-Source` says who counted: `provider` is exact, `tokenizer` an estimate, and `bound` the most that it can be.',
  security: sessionOrKey('executions:write'),
  request: { headers: anthropicHeaders, ...jsonBody(countTokensRequest, counted) },
  responses: {
    200: { ...json(messageTokensCount, 'The number of tokens.'), headers: countHeaders },
    ...surfaceProblems(anthropicError),
  },
});

/** The surface for Anthropic's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const messagesRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(create, async (c) => {
    const headers = c.req.valid('header');
    const body = withExactInputs(c.req.valid('json'), await c.req.text());
    const asks_thinking = body.thinking?.type === 'enabled' || body.thinking?.type === 'adaptive';
    const request = await withOwnFiles(c, body, withFiles);
    if (request instanceof Response) return request;
    const chat = translateMessages(request, headers['anthropic-beta']);
    const idempotency = idempotencyOf(headers['idempotency-key'], 'messages', body);
    return answerExecution(
      c,
      { task: chatTask(chat, { fit_to_balance: fitsToBalance(c) }), idempotency },
      {
        stream: body.stream === true,
        streams_reasoning: asks_thinking,
        keep_alive: MESSAGE_KEEP_ALIVE,
        encoderFor: ({ execution_id, model, promptUsage }) =>
          new MessageEncoder({ execution_id, model, asks_thinking, promptUsage }, ({ failure }) =>
            anthropicErrorOf(errorOf(c, failure.code, failure), statusOf(failure.code)),
          ),
        answer: (execution) => c.json(messageOf(execution, { asks_thinking }), 200),
      },
    );
  })
  .openapi(count, async (c) => {
    const { tenant, principal } = c.var;
    if (await isCountThrottled(c))
      return refuseAsAnthropic(c, 'rate_limited', { retry_after_ms: COUNT_WINDOW_MS });
    const body = withExactInputs(c.req.valid('json'), await c.req.text());
    const request = await withOwnFiles(c, body, withFiles);
    if (request instanceof Response) return request as never;
    const chat = translateInput(request, c.req.valid('header')['anthropic-beta']);
    const counted = await countChatInput(dependenciesOf(c), tenant, principal, { model: body.model, chat });
    if (!counted.ok) return refuseAsAnthropic(c, counted.failure.code, counted.failure);
    c.header('x-input-tokens-source', counted.value.source);
    return c.json({ input_tokens: counted.value.tokens }, 200);
  });
