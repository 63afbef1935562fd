import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SimulatedAnswer } from './answer.ts';
import {
  describeIssues,
  hostileCounts,
  type Refusal,
  retryAfterHeader,
  type SimulatedApi,
  type SimulatedRequest,
  sseFrame,
  type UsageMode,
  type WireResponse,
} from './simulated-api.ts';

/** OpenAI's chat completions and model list, as documented at platform.openai.com/docs/api-reference/chat. */

const textParts = z.array(z.object({ type: z.literal('text'), text: z.string() }));
const body = z.object({
  model: z.string().min(1),
  messages: z
    .array(
      z.object({
        role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), textParts]),
      }),
    )
    .min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
});

const turnRole = {
  developer: 'system',
  system: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'user',
} as const;

const finishReason = ({ truncated }: SimulatedAnswer) => (truncated ? 'length' : 'stop');

function usageOf(answer: SimulatedAnswer, mode: UsageMode) {
  if (mode === 'hostile') {
    const { negative, text, huge } = hostileCounts;
    return { prompt_tokens: negative, completion_tokens: text, total_tokens: huge };
  }
  return {
    prompt_tokens: answer.input_tokens,
    completion_tokens: answer.output_tokens,
    total_tokens: answer.input_tokens + answer.output_tokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

const envelope = (object: string, model: string) => ({
  id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
  object,
  created: Math.floor(Date.now() / 1_000),
  model,
  service_tier: 'default',
  system_fingerprint: 'fp_simulated',
});

function events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[] {
  const base = envelope('chat.completion.chunk', request.model);
  const reports = request.stream_usage && usage !== 'missing';
  // With include_usage every chunk but the last carries a null.
  const shared = request.stream_usage ? { ...base, usage: null } : base;
  const chunk = (delta: object, finish_reason: string | null) =>
    sseFrame({ ...shared, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  return [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...answer.pieces.map((content) => chunk({ content }, null)),
    chunk({}, finishReason(answer)),
    ...(reports ? [sseFrame({ ...base, choices: [], usage: usageOf(answer, usage) })] : []),
    sseFrame('[DONE]'),
  ];
}

function refuse(refusal: Refusal): WireResponse {
  const error = (
    status: number,
    message: string,
    type: string,
    code: string | null,
    param: string | null = null,
  ) => ({
    status,
    body: { error: { message, type, param, code } },
  });
  switch (refusal.why) {
    case 'missing_key':
      return error(
        401,
        "You didn't provide an API key. Send it in the Authorization header, as a Bearer token.",
        'invalid_request_error',
        null,
      );
    case 'invalid_key':
      return error(
        401,
        'Incorrect API key provided: inva***-key. You can find your API key in your account.',
        'invalid_request_error',
        'invalid_api_key',
      );
    case 'unknown_model':
      return error(
        404,
        `The model \`${refusal.model}\` does not exist or you do not have access to it.`,
        'invalid_request_error',
        'model_not_found',
      );
    case 'rate_limited':
      return {
        ...error(
          429,
          'Rate limit reached on requests per min (RPM): Limit 3, Used 3, Requested 1.',
          'requests',
          'rate_limit_exceeded',
        ),
        headers: { ...retryAfterHeader(refusal.retry_after_s), 'x-ratelimit-remaining-requests': '0' },
      };
    case 'server_error':
      return error(500, 'The server had an error while processing your request.', 'server_error', null);
    case 'overloaded':
      return error(503, 'The engine is currently overloaded, please try again later.', 'server_error', null);
    case 'invalid':
      return error(400, refusal.message, 'invalid_request_error', null);
  }
}

export const openAiApi: SimulatedApi = {
  provider: 'openai',
  prefix: '/openai/v1',
  operationOf(method, path) {
    if (method === 'POST' && path === '/chat/completions')
      return { kind: 'generate', model: null, stream: null };
    return method === 'GET' && path === '/models' ? { kind: 'list_models' } : null;
  },
  keyOf: ({ authorization }) => /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? null,
  parse(_operation, raw) {
    const parsed = body.safeParse(raw);
    if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
    const { model, messages, max_tokens, max_completion_tokens, stream, stream_options } = parsed.data;
    if (typeof max_tokens === 'number' && typeof max_completion_tokens === 'number') {
      return {
        ok: false,
        message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      };
    }
    const turns = messages.map(({ role, content }) => ({
      role: turnRole[role],
      text: typeof content === 'string' ? content : content.map(({ text }) => text).join(''),
    }));
    const max_output_tokens = max_completion_tokens ?? max_tokens ?? null;
    const stream_usage = stream_options?.include_usage === true;
    return { ok: true, request: { model, turns, max_output_tokens, stream: stream === true, stream_usage } };
  },
  listModels: () => ({
    object: 'list',
    data: ['simulated-large', 'simulated-small'].map((id) => ({
      id,
      object: 'model',
      created: 1_700_000_000,
      owned_by: 'simulator',
    })),
  }),
  answer: (request, answer, usage) => ({
    ...envelope('chat.completion', request.model),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: finishReason(answer),
      },
    ],
    ...(usage !== 'missing' && { usage: usageOf(answer, usage) }),
  }),
  events,
  refuse,
};
