import { randomUUID } from 'node:crypto';
import type { SimulatedAnswer } from './answer.ts';
import { readContentRequest, readCountRequest } from './google-body.ts';
import { readBatchEmbedRequest } from './google-embeddings.ts';
import {
  hostileCounts,
  type SimulatedApi,
  type SimulatedRefusal,
  type SimulatedRequest,
  sseFrame,
  THOUGHTS,
  type UsageMode,
  type WireResponse,
} from './simulated-api.ts';

/** Google's generateContent and streamGenerateContent, as documented at ai.google.dev/api/generate-content. */

function usageOf(answer: SimulatedAnswer, output_tokens: number, mode: UsageMode) {
  if (mode === 'hostile') {
    const { huge, text, negative } = hostileCounts;
    return { promptTokenCount: huge, candidatesTokenCount: text, totalTokenCount: negative };
  }
  return {
    promptTokenCount: answer.input_tokens,
    candidatesTokenCount: output_tokens,
    totalTokenCount: answer.input_tokens + output_tokens,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: answer.input_tokens - answer.audio_tokens },
      ...(answer.audio_tokens > 0 ? [{ modality: 'AUDIO', tokenCount: answer.audio_tokens }] : []),
    ],
  };
}

type Piece = { parts: object[]; finishReason: string | null; output_tokens: number };

function response(
  request: SimulatedRequest,
  answer: SimulatedAnswer,
  piece: Piece,
  usage: UsageMode,
  id: string,
) {
  const content = { parts: piece.parts, role: 'model' };
  return {
    candidates: [
      { content, ...(piece.finishReason !== null && { finishReason: piece.finishReason }), index: 0 },
    ],
    ...(usage !== 'missing' && { usageMetadata: usageOf(answer, piece.output_tokens, usage) }),
    modelVersion: request.model,
    responseId: id,
  };
}

const finishReason = ({ truncated }: SimulatedAnswer) => (truncated ? 'MAX_TOKENS' : 'STOP');

/** Returns the parts of an answer. Calls are sent whole, the first with a thought signature; text is sent in pieces. */
function answerParts({ calls, pieces }: SimulatedAnswer): object[] {
  if (calls.length === 0) return pieces.length === 0 ? [{ text: '' }] : pieces.map((text) => ({ text }));
  return calls.map(({ name, arguments: args }, index) => ({
    functionCall: { name, args },
    ...(index === 0 && { thoughtSignature: 'c2ltdWxhdGVk' }),
  }));
}

function events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[] {
  const id = randomUUID();
  const parts = answerParts(answer);
  const last = parts.length - 1;
  return parts.map((part, index) => {
    const output_tokens = index === last ? answer.output_tokens : Math.min(index + 1, answer.output_tokens);
    const finished = index === last ? finishReason(answer) : null;
    const piece = { parts: [part], finishReason: finished, output_tokens };
    return sseFrame(response(request, answer, piece, usage, id)).replaceAll('\n', '\r\n');
  });
}

function thinkingEvents(request: SimulatedRequest, answer: SimulatedAnswer): string[] {
  const id = randomUUID();
  return THOUGHTS.map((text) => {
    const piece = { parts: [{ text, thought: true }], finishReason: null, output_tokens: 1 };
    return sseFrame(response(request, answer, piece, 'reported', id)).replaceAll('\n', '\r\n');
  });
}

const typeUrl = (name: string) => `type.googleapis.com/google.rpc.${name}`;

function refuse(refusal: SimulatedRefusal): WireResponse {
  const error = (code: number, status: string, message: string, details?: object[]) => ({
    status: code,
    body: { error: { code, message, status, ...(details && { details }) } },
  });
  switch (refusal.why) {
    case 'missing_key':
      return error(
        403,
        'PERMISSION_DENIED',
        "Method doesn't allow unregistered callers. Please use an API key.",
      );
    case 'invalid_key':
      return error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        {
          '@type': typeUrl('ErrorInfo'),
          reason: 'API_KEY_INVALID',
          domain: 'googleapis.com',
          metadata: { service: 'generativelanguage.googleapis.com' },
        },
      ]);
    case 'unknown_model':
      return error(404, 'NOT_FOUND', `models/${refusal.model} is not found for API version v1beta.`);
    case 'not_found':
      return error(404, 'NOT_FOUND', 'Requested entity was not found.');
    case 'rate_limited':
      return error(
        429,
        'RESOURCE_EXHAUSTED',
        'You exceeded your current quota, please check your plan.',
        refusal.retry_after_s === null
          ? []
          : [{ '@type': typeUrl('RetryInfo'), retryDelay: `${refusal.retry_after_s}s` }],
      );
    case 'server_error':
      return error(500, 'INTERNAL', 'An internal error has occurred. Please retry.');
    case 'overloaded':
      return error(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
    case 'prompt_too_long':
      return error(
        400,
        'INVALID_ARGUMENT',
        'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
      );
    case 'invalid':
      return error(400, 'INVALID_ARGUMENT', refusal.message);
  }
}

/** The part of Google's Gemini API that adapters use. */
export const googleApi: SimulatedApi = {
  provider: 'google',
  base_path: '/google',
  prefix: '/google/v1beta',
  operationOf(method, path) {
    const match =
      /^\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens|batchEmbedContents)$/.exec(
        path,
      );
    if (method === 'POST' && match?.[1] !== undefined) {
      const model = decodeURIComponent(match[1]);
      if (match[2] === 'countTokens') return { kind: 'count', model };
      if (match[2] === 'batchEmbedContents') return { kind: 'whole', endpoint: 'embeddings', model };
      return { kind: 'generate', model, stream: match[2] === 'streamGenerateContent' };
    }
    return method === 'GET' && path === '/models' ? { kind: 'list_models' } : null;
  },
  keyOf: (headers, query) => headers['x-goog-api-key']?.toString() ?? query.get('key'),
  parse: readContentRequest,
  parseWhole: ({ model }, raw) => readBatchEmbedRequest(model ?? '', raw),
  counting: {
    parse: readCountRequest,
    answer: (tokens) => ({
      totalTokens: tokens,
      ...(tokens !== undefined && { promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] }),
    }),
  },
  listModels: () => ({
    models: [
      {
        name: 'models/simulated-large',
        displayName: 'Simulated',
        supportedGenerationMethods: ['generateContent'],
      },
    ],
  }),
  answer: (request, answer, usage) => {
    const piece = {
      parts: answer.calls.length > 0 ? answerParts(answer) : [{ text: answer.text }],
      finishReason: finishReason(answer),
      output_tokens: answer.output_tokens,
    };
    return response(request, answer, piece, usage, randomUUID());
  },
  events,
  thinkingEvents,
  errorEvent: () => sseFrame(refuse({ why: 'overloaded' }).body).replaceAll('\n', '\r\n'),
  refuse,
};
