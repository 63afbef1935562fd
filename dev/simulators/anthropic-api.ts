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

/** Anthropic's messages, as documented at platform.claude.com/docs/en/api/messages. */

const text = z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))]);
const body = z.object({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  system: text.optional(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: text })).min(1),
  stream: z.boolean().optional(),
});

const plain = (content: z.infer<typeof text>): string =>
  typeof content === 'string' ? content : content.map((block) => block.text).join('\n');

const shortId = () => randomUUID().replaceAll('-', '').slice(0, 24);

const stopReason = ({ truncated }: SimulatedAnswer) => (truncated ? 'max_tokens' : 'end_turn');

function usageOf(answer: SimulatedAnswer, output_tokens: number, mode: UsageMode) {
  if (mode === 'hostile') return { input_tokens: hostileCounts.fraction, output_tokens: hostileCounts.huge };
  return {
    input_tokens: answer.input_tokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens,
    service_tier: 'standard',
  };
}

const message = (model: string) => ({ id: `msg_${shortId()}`, type: 'message', role: 'assistant', model });

function events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[] {
  const named = (type: string, data: object = {}) => sseFrame({ type, ...data }, type);
  const reported = (counts: object) => (usage === 'missing' ? {} : { usage: counts });
  const started = {
    ...message(request.model),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...reported(usageOf(answer, 1, usage)),
  };
  const ended = { stop_reason: stopReason(answer), stop_sequence: null };
  const output_tokens = usage === 'hostile' ? hostileCounts.huge : answer.output_tokens;
  return [
    named('message_start', { message: started }),
    named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    named('ping'),
    ...answer.pieces.map((piece) =>
      named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } }),
    ),
    named('content_block_stop', { index: 0 }),
    named('message_delta', { delta: ended, ...reported({ output_tokens }) }),
    named('message_stop'),
  ];
}

function refuse(refusal: Refusal): WireResponse {
  const error = (status: number, type: string, message: string) => {
    const request_id = `req_${shortId()}`;
    return {
      status,
      body: { type: 'error', error: { type, message }, request_id },
      headers: { 'request-id': request_id },
    };
  };
  switch (refusal.why) {
    case 'missing_key':
      return error(401, 'authentication_error', 'x-api-key header is required');
    case 'invalid_key':
      return error(401, 'authentication_error', 'invalid x-api-key');
    case 'unknown_model':
      return error(404, 'not_found_error', `model: ${refusal.model}`);
    case 'rate_limited': {
      const limited = error(
        429,
        'rate_limit_error',
        "This request would exceed your organization's rate limit.",
      );
      return { ...limited, headers: { ...limited.headers, ...retryAfterHeader(refusal.retry_after_s) } };
    }
    case 'server_error':
      return error(500, 'api_error', 'Internal server error');
    case 'overloaded':
      return error(529, 'overloaded_error', 'Overloaded');
    case 'invalid':
      return error(400, 'invalid_request_error', refusal.message);
  }
}

export const anthropicApi: SimulatedApi = {
  provider: 'anthropic',
  prefix: '/anthropic/v1',
  operationOf(method, path) {
    if (method === 'POST' && path === '/messages') return { kind: 'generate', model: null, stream: null };
    return method === 'GET' && path === '/models' ? { kind: 'list_models' } : null;
  },
  // The API takes either; the SDK sends keys as Bearer tokens.
  keyOf: ({ authorization, ...headers }) =>
    headers['x-api-key']?.toString() ?? /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? null,
  parse(_operation, raw, headers) {
    if (headers['anthropic-version'] === undefined) {
      return { ok: false, message: 'anthropic-version: header is required' };
    }
    const parsed = body.safeParse(raw);
    if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
    const { model, max_tokens, system, messages, stream } = parsed.data;
    const turns = [
      ...(system === undefined ? [] : [{ role: 'system' as const, text: plain(system) }]),
      ...messages.map(({ role, content }) => ({ role, text: plain(content) })),
    ];
    if (turns.some((turn) => turn.text.trim() === '')) {
      return { ok: false, message: 'messages: text content blocks must contain non-whitespace text' };
    }
    return {
      ok: true,
      request: { model, turns, max_output_tokens: max_tokens, stream: stream === true, stream_usage: true },
    };
  },
  listModels: () => ({
    data: [
      { type: 'model', id: 'simulated-large', display_name: 'Simulated', created_at: '2026-01-01T00:00:00Z' },
    ],
    has_more: false,
    first_id: 'simulated-large',
    last_id: 'simulated-large',
  }),
  answer: (request, answer, usage) => ({
    ...message(request.model),
    content: [{ type: 'text', text: answer.text }],
    stop_reason: stopReason(answer),
    stop_sequence: null,
    ...(usage !== 'missing' && { usage: usageOf(answer, answer.output_tokens, usage) }),
  }),
  events,
  refuse,
};
