import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { argumentPieces, type SimulatedAnswer } from '../answer.ts';
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
  type WireResponse,
} from '../simulated-api.ts';
import { readCountRequest, readMessageRequest } from './body.ts';
import { PromptCache } from './cache.ts';
import { cachedBlocksOf } from './prompt.ts';

/** Anthropic's messages, as documented at platform.claude.com/docs/en/api/messages. */

const shortId = () => randomUUID().replaceAll('-', '').slice(0, 24);

function stopReason({ truncated, calls }: SimulatedAnswer): string {
  if (truncated) return 'max_tokens';
  return calls.length > 0 ? 'tool_use' : 'end_turn';
}

/** The cache of all keys. */
const cache = new PromptCache();

const NO_USE = { read_tokens: 0, written_tokens: 0, hour_tokens: 0 };

/** Reads a request and, if it is valid, its prefixes from the cache. */
function parse(raw: unknown, headers: IncomingHttpHeaders): ParsedRequest {
  const parsed = readMessageRequest(raw, headers);
  if (!parsed.ok) return parsed;
  const owner = `${headers['x-api-key']} ${headers.authorization} ${parsed.request.model}`;
  const use = cache.use(owner, cachedBlocksOf(raw), Date.now());
  return { ok: true, request: { ...parsed.request, cache: use } };
}

/** The tokens of an answer, its thinking included, within its limit. */
const outputTokensOf = ({ thinking, max_output_tokens }: SimulatedRequest, answer: SimulatedAnswer): number =>
  Math.min(answer.output_tokens + (thinking?.tokens ?? 0), max_output_tokens ?? Number.POSITIVE_INFINITY);

function usageOf(
  { cache: { read_tokens, written_tokens, hour_tokens } = NO_USE, thinking }: SimulatedRequest,
  answer: SimulatedAnswer,
  output_tokens: number,
  mode: UsageMode,
) {
  if (mode === 'hostile') return { input_tokens: hostileCounts.fraction, output_tokens: hostileCounts.huge };
  return {
    input_tokens: Math.max(1, answer.input_tokens - read_tokens - written_tokens),
    cache_creation_input_tokens: written_tokens,
    cache_read_input_tokens: read_tokens,
    cache_creation: {
      ephemeral_5m_input_tokens: written_tokens - hour_tokens,
      ephemeral_1h_input_tokens: hour_tokens,
    },
    output_tokens,
    output_tokens_details: { thinking_tokens: Math.min(thinking?.tokens ?? 0, output_tokens) },
    service_tier: 'standard',
  };
}

const editsOf = ({ applied_edits }: SimulatedRequest) =>
  applied_edits === undefined ? {} : { context_management: { applied_edits } };

const envelope = (model: string) => ({ id: `msg_${shortId()}`, type: 'message', role: 'assistant', model });

type StreamedBlock = { content_block: object; deltas: object[] };

/** Returns the block of thinking of a streamed answer, if there is one. */
const thinkingBlocks = ({ thinking }: SimulatedRequest): StreamedBlock[] =>
  thinking == null
    ? []
    : [
        {
          content_block: { type: 'thinking', thinking: '', signature: '' },
          deltas: [
            ...thinking.pieces.map((piece) => ({ type: 'thinking_delta', thinking: piece })),
            { type: 'signature_delta', signature: thinking.signature },
          ],
        },
      ];

/** Returns the other blocks of a streamed answer, each with its start and its deltas. */
function streamedBlocks({ pieces, calls }: SimulatedAnswer): StreamedBlock[] {
  if (calls.length === 0) {
    const deltas = pieces.map((text) => ({ type: 'text_delta', text }));
    return [{ content_block: { type: 'text', text: '' }, deltas }];
  }
  return calls.map((call) => ({
    content_block: { type: 'tool_use', id: `toolu_${shortId()}`, name: call.name, input: {} },
    deltas: ['', ...argumentPieces(call)].map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  }));
}

const named = (type: string, data: object = {}) => sseFrame({ type, ...data }, type);

function thinkingEvents(request: SimulatedRequest, answer: SimulatedAnswer): string[] {
  const [started = '', ping = ''] = events(request, answer, 'reported');
  const content_block = { type: 'thinking', thinking: '', signature: '' };
  return [
    started,
    ping,
    named('content_block_start', { index: 0, content_block }),
    ...THOUGHTS.map((thinking) =>
      named('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking } }),
    ),
  ];
}

function events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[] {
  const reported = (counts: object) => (usage === 'missing' ? {} : { usage: counts });
  const started = {
    ...envelope(request.model),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...reported(usageOf(request, answer, 1, usage)),
  };
  const blocks = [...thinkingBlocks(request), ...streamedBlocks(answer)];
  const ended = { stop_reason: stopReason(answer), stop_sequence: null };
  const output_tokens = usage === 'hostile' ? hostileCounts.huge : outputTokensOf(request, answer);
  return [
    named('message_start', { message: started }),
    named('ping'),
    ...blocks.flatMap(({ content_block, deltas }, index) => [
      named('content_block_start', { index, content_block }),
      ...deltas.map((delta) => named('content_block_delta', { index, delta })),
      named('content_block_stop', { index }),
    ]),
    named('message_delta', { delta: ended, ...editsOf(request), ...reported({ output_tokens }) }),
    named('message_stop'),
  ];
}

function refuse(refusal: SimulatedRefusal): WireResponse {
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
    case 'not_found':
      return error(404, 'not_found_error', 'Not Found');
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
    case 'prompt_too_long':
      return error(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum');
    case 'invalid':
      return error(400, 'invalid_request_error', refusal.message);
  }
}

const wholeThinking = ({ thinking }: SimulatedRequest): object[] =>
  thinking == null
    ? []
    : [{ type: 'thinking', thinking: thinking.pieces.join(''), signature: thinking.signature }];

const wholeBlocks = ({ calls, text }: SimulatedAnswer): object[] =>
  calls.length > 0
    ? calls.map(({ name, arguments: input }) => ({
        type: 'tool_use',
        id: `toolu_${shortId()}`,
        name,
        input,
      }))
    : [{ type: 'text', text }];

/** The part of Anthropic's Messages API that adapters use. */
export const anthropicApi: SimulatedApi = {
  provider: 'anthropic',
  base_path: '/anthropic',
  prefix: '/anthropic/v1',
  operationOf(method, path) {
    if (method === 'POST' && path === '/messages') return { kind: 'generate', model: null, stream: null };
    if (method === 'POST' && path === '/messages/count_tokens') return { kind: 'count', model: null };
    return method === 'GET' && path === '/models' ? { kind: 'list_models' } : null;
  },
  // The API accepts both headers. The SDK sends keys as bearer tokens.
  keyOf: ({ authorization, ...headers }) =>
    headers['x-api-key']?.toString() ?? /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? null,
  parse: (_operation, raw, headers) => parse(raw, headers),
  counting: {
    parse: (_operation, raw, headers) => readCountRequest(raw, headers),
    answer: (input_tokens) => ({ input_tokens }),
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
    ...envelope(request.model),
    content: [...wholeThinking(request), ...wholeBlocks(answer)],
    stop_reason: stopReason(answer),
    stop_sequence: null,
    ...editsOf(request),
    ...(usage !== 'missing' && {
      usage: usageOf(request, answer, outputTokensOf(request, answer), usage),
    }),
  }),
  events,
  thinkingEvents,
  errorEvent: () =>
    sseFrame({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
  refuse,
};
