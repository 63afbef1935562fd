import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SimulatedAnswer } from './answer.ts';
import {
  describeIssues,
  hostileCounts,
  type Refusal,
  type SimulatedApi,
  type SimulatedRequest,
  sseFrame,
  type UsageMode,
  type WireResponse,
} from './simulated-api.ts';

/** Google's generateContent and streamGenerateContent, as documented at ai.google.dev/api/generate-content. */

const parts = z.array(z.object({ text: z.string() })).min(1);
const body = z.object({
  contents: z.array(z.object({ role: z.enum(['user', 'model']).default('user'), parts })).min(1),
  systemInstruction: z.object({ parts }).optional(),
  generationConfig: z.object({ maxOutputTokens: z.int().min(1).optional() }).optional(),
});

const joined = (list: z.infer<typeof parts>): string => list.map(({ text }) => text).join('\n');

function usageOf(answer: SimulatedAnswer, output_tokens: number, mode: UsageMode) {
  if (mode === 'hostile') {
    const { huge, text, negative } = hostileCounts;
    return { promptTokenCount: huge, candidatesTokenCount: text, totalTokenCount: negative };
  }
  return {
    promptTokenCount: answer.input_tokens,
    candidatesTokenCount: output_tokens,
    totalTokenCount: answer.input_tokens + output_tokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: answer.input_tokens }],
  };
}

type Piece = { text: string; finishReason: string | null; output_tokens: number };

function response(
  request: SimulatedRequest,
  answer: SimulatedAnswer,
  piece: Piece,
  usage: UsageMode,
  id: string,
) {
  const content = { parts: [{ text: piece.text }], role: 'model' };
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

function events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[] {
  const id = randomUUID();
  const last = answer.pieces.length - 1;
  return answer.pieces.map((text, index) => {
    const output_tokens = index === last ? answer.output_tokens : Math.min(index + 1, answer.output_tokens);
    const piece = { text, finishReason: index === last ? finishReason(answer) : null, output_tokens };
    return sseFrame(response(request, answer, piece, usage, id)).replaceAll('\n', '\r\n');
  });
}

const typeUrl = (name: string) => `type.googleapis.com/google.rpc.${name}`;

function refuse(refusal: Refusal): WireResponse {
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
    case 'invalid':
      return error(400, 'INVALID_ARGUMENT', refusal.message);
  }
}

export const googleApi: SimulatedApi = {
  provider: 'google',
  prefix: '/google/v1beta',
  operationOf(method, path) {
    const match = /^\/models\/([^/:]+):(generateContent|streamGenerateContent)$/.exec(path);
    if (method === 'POST' && match?.[1] !== undefined) {
      return {
        kind: 'generate',
        model: decodeURIComponent(match[1]),
        stream: match[2] === 'streamGenerateContent',
      };
    }
    return method === 'GET' && path === '/models' ? { kind: 'list_models' } : null;
  },
  keyOf: (headers, query) => headers['x-goog-api-key']?.toString() ?? query.get('key'),
  parse({ model, stream }, raw) {
    const parsed = body.safeParse(raw);
    if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
    const { contents, systemInstruction, generationConfig } = parsed.data;
    const turns = [
      ...(systemInstruction === undefined
        ? []
        : [{ role: 'system' as const, text: joined(systemInstruction.parts) }]),
      ...contents.map((content) => ({
        role: content.role === 'model' ? ('assistant' as const) : ('user' as const),
        text: joined(content.parts),
      })),
    ];
    const max_output_tokens = generationConfig?.maxOutputTokens ?? null;
    return {
      ok: true,
      request: { model: model ?? '', turns, max_output_tokens, stream: stream === true, stream_usage: true },
    };
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
      text: answer.text,
      finishReason: finishReason(answer),
      output_tokens: answer.output_tokens,
    };
    return response(request, answer, piece, usage, randomUUID());
  },
  events,
  refuse,
};
