import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { SimulatedAnswer, SimulatedPrompt } from './answer.ts';

/** What the server needs to know of one provider's API: everything about its wire format, nothing about sockets. */
export type SimulatedApi = {
  provider: ProviderKind;
  /** The path of the base URL that a client is given. */
  base_path: string;
  /** The path that all endpoints start with: the base path and the version, where clients add it. */
  prefix: string;
  /** The operation behind a path, below the prefix; null when there is none. */
  operationOf(method: string, path: string): Operation | null;
  keyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | null;
  /** Reads and checks a request to generate, with the provider's own error when it would be refused. */
  parse(operation: GenerateOperation, body: unknown, headers: IncomingHttpHeaders): ParsedRequest;
  listModels(): object;
  /** The body of an answer in one piece. */
  answer(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): object;
  /** The events of a streamed answer, framed for the wire. */
  events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[];
  /** How a streamed answer begins whose model thinks aloud before it says a word. */
  thinkingEvents(request: SimulatedRequest, answer: SimulatedAnswer): string[];
  /** The event with which a stream that has begun says that the provider is overloaded. */
  errorEvent(): string;
  refuse(refusal: Refusal): WireResponse;
};

export type GenerateOperation = {
  kind: 'generate';
  /** Where the path says them; null where the body does. */
  model: string | null;
  stream: boolean | null;
};
export type Operation = GenerateOperation | { kind: 'list_models' };

export type SimulatedRequest = SimulatedPrompt & {
  stream: boolean;
  /** Whether a stream reports usage, where the client has to ask for it. */
  stream_usage: boolean;
};

export type ParsedRequest = { ok: true; request: SimulatedRequest } | { ok: false; message: string };

/** reported: as computed. missing: left out. hostile: counts that cannot be. */
export type UsageMode = 'reported' | 'missing' | 'hostile';

/** Why a request is refused; each provider has its own words for it. */
export type Refusal =
  | { why: 'missing_key' | 'invalid_key' | 'server_error' | 'overloaded' | 'prompt_too_long' }
  | { why: 'unknown_model'; model: string }
  | { why: 'rate_limited'; retry_after_s: number | null }
  | { why: 'invalid'; message: string };

export type WireResponse = { status: number; body: object; headers?: Record<string, string> };

/** One server-sent event. Google and OpenAI name none; Anthropic names each. */
export const sseFrame = (data: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** What a model thinks aloud, in pieces. */
export const THOUGHTS = ['The user asks me something. ', 'I had better think about it.'];

/** The header that says how long to wait, when the fault says it. */
export const retryAfterHeader = (retry_after_s: number | null): Record<string, string> =>
  retry_after_s === null ? {} : { 'retry-after': String(retry_after_s) };

/** Counts no tokenizer could report, one of each sort. */
export const hostileCounts = { negative: -1_000_000, fraction: 1.5, text: 'many', huge: 9e15 } as const;

/** The issues of a failed zod parse on one line, as these APIs name fields. */
export const describeIssues = (error: { issues: { path: PropertyKey[]; message: string }[] }): string =>
  error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`).join('; ');
