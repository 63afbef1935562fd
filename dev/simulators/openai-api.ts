import { randomUUID } from 'node:crypto';
import type { ProviderKind } from '../../contracts/usage.ts';
import { argumentPieces, type SimulatedAnswer } from './answer.ts';
import { readOpenAiRequest } from './openai-body.ts';
import { readEmbeddingsRequest } from './openai-embeddings.ts';
import { readImageEditsRequest, readImagesRequest } from './openai-images.ts';
import { readModerationsRequest } from './openai-moderations.ts';
import { readSpeechRequest } from './openai-speech.ts';
import { readTranscriptionsRequest } from './openai-transcriptions.ts';
import {
  hostileCounts,
  type ParsedRequest,
  retryAfterHeader,
  type SimulatedApi,
  type SimulatedRefusal,
  type SimulatedRequest,
  sseFrame,
  THOUGHTS,
  type UsageMode,
  type WholeOperation,
  type WireResponse,
} from './simulated-api.ts';

/** OpenAI's chat completions, embeddings, images, speech, transcriptions, moderations and model list, as documented at platform.openai.com/docs/api-reference/chat. */

function finishReason({ truncated, calls }: SimulatedAnswer): string {
  if (truncated) return 'length';
  return calls.length > 0 ? 'tool_calls' : 'stop';
}

const callId = () => `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

/** Usage as OpenAI reports it. */
export function chatUsage(answer: SimulatedAnswer, mode: UsageMode) {
  if (mode === 'hostile') {
    const { negative, text, huge } = hostileCounts;
    return { prompt_tokens: negative, completion_tokens: text, total_tokens: huge };
  }
  return {
    prompt_tokens: answer.input_tokens,
    completion_tokens: answer.output_tokens,
    total_tokens: answer.input_tokens + answer.output_tokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: answer.audio_tokens },
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

/** As compatible servers name thoughts; OpenAI's own chat completions show none. */
const thinkingEvents = ({ model }: SimulatedRequest): string[] =>
  THOUGHTS.map((reasoning_content) =>
    sseFrame({
      ...envelope('chat.completion.chunk', model),
      choices: [{ index: 0, delta: { reasoning_content }, finish_reason: null }],
    }),
  );

function eventsOf(
  { usageOf }: ChatVariant,
  request: SimulatedRequest,
  answer: SimulatedAnswer,
  usage: UsageMode,
): string[] {
  const base = envelope('chat.completion.chunk', request.model);
  const reports = request.stream_usage && usage !== 'missing';
  // With include_usage every chunk but the last carries a null.
  const shared = request.stream_usage ? { ...base, usage: null } : base;
  const chunk = (delta: object, finish_reason: string | null) =>
    sseFrame({ ...shared, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  const calls = answer.calls.flatMap((call, index) => [
    { index, id: callId(), type: 'function', function: { name: call.name, arguments: '' } },
    ...argumentPieces(call).map((piece) => ({ index, function: { arguments: piece } })),
  ]);
  return [
    chunk({ role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }, null),
    ...answer.pieces.map((content) => chunk({ content }, null)),
    ...calls.map((call) => chunk({ tool_calls: [call] }, null)),
    chunk({}, finishReason(answer)),
    ...(reports ? [sseFrame({ ...base, choices: [], usage: usageOf(answer, usage) })] : []),
    sseFrame('[DONE]'),
  ];
}

/** Errors as OpenAI writes them. */
export function refuseChat(refusal: SimulatedRefusal): WireResponse {
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
    case 'not_found':
      return error(404, 'Not Found', 'invalid_request_error', null);
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
    case 'prompt_too_long':
      return error(
        400,
        "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.",
        'invalid_request_error',
        'context_length_exceeded',
        'messages',
      );
    case 'invalid':
      return error(400, refusal.message, 'invalid_request_error', null);
  }
}

/** The points in which a provider of chat completions differs from others. */
type ChatVariant = {
  provider: ProviderKind;
  base_path: string;
  read(raw: unknown): ParsedRequest;
  usageOf(answer: SimulatedAnswer, mode: UsageMode): object;
  refuse(refusal: SimulatedRefusal): WireResponse;
  /** Absent where the provider has no other endpoint. */
  parseWhole?: NonNullable<SimulatedApi['parseWhole']>;
};

/** The endpoints whose answers never stream, by their paths. */
const wholeEndpoints = new Map<string, WholeOperation['endpoint']>([
  ['/embeddings', 'embeddings'],
  ['/images/generations', 'images'],
  ['/images/edits', 'image_edits'],
  ['/audio/speech', 'speech'],
  ['/audio/transcriptions', 'transcriptions'],
  ['/moderations', 'moderations'],
]);

/** A Chat Completions API, as far as adapters use it. */
export const chatCompletionsApi = (variant: ChatVariant): SimulatedApi => ({
  provider: variant.provider,
  base_path: variant.base_path,
  prefix: variant.base_path,
  operationOf(method, path) {
    if (method === 'POST' && path === '/chat/completions')
      return { kind: 'generate', model: null, stream: null };
    const endpoint = variant.parseWhole === undefined ? undefined : wholeEndpoints.get(path);
    if (method === 'POST' && endpoint !== undefined) return { kind: 'whole', endpoint, model: null };
    return method === 'GET' && path === '/models' ? { kind: 'list_models' } : null;
  },
  keyOf: ({ authorization }) => /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? null,
  parse: (_operation, raw) => variant.read(raw),
  ...(variant.parseWhole !== undefined && { parseWhole: variant.parseWhole }),
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
        message: {
          role: 'assistant',
          content: answer.calls.length > 0 ? null : answer.text,
          refusal: null,
          annotations: [],
          ...(answer.calls.length > 0 && {
            tool_calls: answer.calls.map(({ name, arguments: given }) => ({
              id: callId(),
              type: 'function',
              function: { name, arguments: JSON.stringify(given) },
            })),
          }),
        },
        logprobs: null,
        finish_reason: finishReason(answer),
      },
    ],
    ...(usage !== 'missing' && { usage: variant.usageOf(answer, usage) }),
  }),
  events: (request, answer, usage) => eventsOf(variant, request, answer, usage),
  thinkingEvents,
  errorEvent: () =>
    sseFrame({
      error: {
        message: 'The server had an error while processing your request.',
        type: 'server_error',
        param: null,
        code: null,
      },
    }),
  refuse: variant.refuse,
});

const wholeReaders = {
  embeddings: readEmbeddingsRequest,
  images: readImagesRequest,
  image_edits: readImageEditsRequest,
  speech: readSpeechRequest,
  transcriptions: readTranscriptionsRequest,
  moderations: readModerationsRequest,
};

/** OpenAI's own. */
export const openAiApi = chatCompletionsApi({
  provider: 'openai',
  base_path: '/openai/v1',
  read: readOpenAiRequest,
  usageOf: chatUsage,
  refuse: refuseChat,
  parseWhole: ({ endpoint }, raw) => wholeReaders[endpoint](raw),
});
