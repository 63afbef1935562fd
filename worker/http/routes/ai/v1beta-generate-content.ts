import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { askedModel } from '../../../../contracts/catalog/model-routing.ts';
import type { AtReference } from '../../../../contracts/v1/file-references.ts';
import {
  countTokensResponse,
  generateContentResponse,
  googleError,
} from '../../../../contracts/v1beta/generate-content-answer.ts';
import {
  type CountTokensRequest,
  countTokensRequest,
  type GenerateContentRequest,
  generateContentRequest,
} from '../../../../contracts/v1beta/generate-content-request.ts';
import { idempotencyOf } from '../../../executions/begin.ts';
import { chatTask } from '../../../executions/chat-task.ts';
import { countChatInput } from '../../../executions/count-input.ts';
import type { ExecutionFailure } from '../../../executions/failure.ts';
import { contentOf } from '../../../surfaces/google/answer.ts';
import { googleErrorOf } from '../../../surfaces/google/error.ts';
import { withFiles } from '../../../surfaces/google/files.ts';
import { showsThoughts, translateContent } from '../../../surfaces/google/request.ts';
import {
  ARRAY_HEADERS,
  ARRAY_KEEP_ALIVE,
  ContentEncoder,
  type StreamForm,
} from '../../../surfaces/google/stream.ts';
import { answerExecution, fitsToBalance } from '../../answers/answer-execution.ts';
import { executionProblem } from '../../answers/execution-headers.ts';
import { withOwnFiles } from '../../answers/with-own-files.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { errorOf, problem, refuseInvalid, statusOf } from '../../errors.ts';
import { COUNT_WINDOW_MS, isCountThrottled } from '../../middleware/rate-limit.ts';
import {
  builtJson,
  cachedHeader,
  countHeaders,
  executionHeaders,
  jsonBody,
  sessionOrKey,
  surfaceProblems,
} from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

const tags = ['Google-compatible'];
const problems = surfaceProblems(googleError);
const params = z.object({
  model: askedModel.describe('The name of a model from `GET /v1beta/models`, or one of its aliases.'),
});
const example = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
const keyQuery = z.object({
  key: z
    .string()
    .max(1_000)
    .optional()
    .describe('An API key. Send it in the header `x-goog-api-key` instead: proxies keep addresses in logs.'),
});
const streamQuery = keyQuery.extend({
  alt: z
    .enum(['sse', 'json'])
    .optional()
    .describe('`sse`: server-sent events; `json` (default): one JSON array, whose items come one by one.'),
});

const generate = createRoute({
  method: 'post',
  path: '/models/{model}/generateContent',
  operationId: 'generateContent',
  'x-feature': 'playground_models',
  tags,
  summary: 'Generate content.',
  description:
    "Compatible with Google's Gemini API. Use Google's SDKs with this hostname as their base URL and an API key. Served by every provider.",
  security: sessionOrKey('executions:write'),
  request: {
    params,
    query: keyQuery,
    headers: cachedHeader,
    ...jsonBody(generateContentRequest, example),
  },
  responses: {
    200: { ...builtJson(generateContentResponse, 'The answer.'), headers: executionHeaders },
    ...problems,
  },
});

const stream = createRoute({
  method: 'post',
  path: '/models/{model}/streamGenerateContent',
  operationId: 'streamGenerateContent',
  'x-feature': 'playground_models',
  tags,
  summary: 'Stream content.',
  description: 'The same as `generateContent`, in pieces. The last one has the usage.',
  security: sessionOrKey('executions:write'),
  request: {
    params,
    query: streamQuery,
    headers: cachedHeader,
    ...jsonBody(generateContentRequest, example),
  },
  responses: {
    200: {
      description:
        'The pieces of the answer, or the error that ended it: an array, or with `alt=sse` events.',
      headers: executionHeaders,
      content: {
        'application/json': { schema: z.array(z.union([generateContentResponse, googleError])) },
        'text/event-stream': { schema: z.union([generateContentResponse, googleError]) },
      },
    },
    ...problems,
  },
});

const count = createRoute({
  method: 'post',
  path: '/models/{model}/countTokens',
  operationId: 'countContentTokens',
  'x-feature': 'playground_models',
  tags,
  summary: 'Count the tokens of an input.',
  description:
    'Counts as the first provider of the model counts. Costs nothing. The header `X-Input-Tokens-Source` tells who counted; with `bound`, the figure is the most that the input can have.',
  security: sessionOrKey('executions:write'),
  request: { params, query: keyQuery, ...jsonBody(countTokensRequest, example) },
  responses: {
    200: { ...builtJson(countTokensResponse, 'The tokens.'), headers: countHeaders },
    ...problems,
  },
});

/** Puts uploaded files in the contents of a request. `field`: their place in the body. */
const contentsWithFiles =
  (field: string) =>
  (request: GenerateContentRequest, at: AtReference): GenerateContentRequest => ({
    ...request,
    contents: withFiles(request.contents, field, at),
  });

const errorOfStream = (c: Context, failure: ExecutionFailure) =>
  googleErrorOf(errorOf(c, failure.code, failure), statusOf(failure.code));

/** A request, and the form of its stream; null for an answer in one piece. */
type Asked = {
  model: string;
  body: GenerateContentRequest;
  key: string | undefined;
  form: StreamForm | null;
};

async function answerGenerate(c: Context, { model, body, key, form }: Asked): Promise<Response> {
  const request = await withOwnFiles(c, body, contentsWithFiles('contents'));
  if (request instanceof Response) return request;
  const translated = translateContent(model, request);
  if ('refused' in translated) return refuseField(c, translated.refused);
  const shows_thoughts = showsThoughts(body);
  return answerExecution(
    c,
    {
      task: chatTask(translated.request, { fit_to_balance: fitsToBalance(c) }),
      idempotency: idempotencyOf(key, 'generateContent', { model, form, body }),
    },
    {
      stream: form !== null,
      streams_reasoning: shows_thoughts,
      ...(form === 'json' && { stream_headers: ARRAY_HEADERS, keep_alive: ARRAY_KEEP_ALIVE }),
      encoderFor: ({ execution_id, model: answering }) =>
        new ContentEncoder({ execution_id, model: answering, shows_thoughts }, form ?? 'sse', ({ failure }) =>
          errorOfStream(c, failure),
        ),
      answer: (execution) => c.json(contentOf(execution, { shows_thoughts }), 200),
    },
  );
}

async function answerCount(
  c: Context,
  model: string,
  { contents, generateContentRequest: whole }: CountTokensRequest,
): Promise<Response> {
  if (await isCountThrottled(c)) return problem(c, 'rate_limited', { retry_after_ms: COUNT_WINDOW_MS });
  const place = whole == null ? 'contents' : 'generateContentRequest.contents';
  const request = await withOwnFiles(c, whole ?? { contents: contents ?? [] }, contentsWithFiles(place));
  if (request instanceof Response) return request;
  const translated = translateContent(model, request);
  if ('refused' in translated) return refuseField(c, translated.refused);
  const counted = await countChatInput(
    ...([dependenciesOf(c), c.var.tenant, c.var.principal] as const),
    translated.request,
  );
  if (!counted.ok) return executionProblem(c, counted.failure);
  c.header('x-input-tokens-source', counted.value.source);
  return c.json({ totalTokens: counted.value.tokens });
}

/** The surface for Google's SDKs. Errors get their format in middleware/sdk-errors.ts. */
export const generateContentRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(generate, (c) =>
    answerGenerate(c, {
      model: c.req.valid('param').model,
      body: c.req.valid('json'),
      key: c.req.valid('header')['idempotency-key'],
      form: null,
    }),
  )
  .openapi(stream, (c) =>
    answerGenerate(c, {
      model: c.req.valid('param').model,
      body: c.req.valid('json'),
      key: c.req.valid('header')['idempotency-key'],
      form: c.req.valid('query').alt ?? 'json',
    }),
  )
  .openapi(count, (c) => answerCount(c, c.req.valid('param').model, c.req.valid('json')));
