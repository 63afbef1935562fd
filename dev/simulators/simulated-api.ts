import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { SimulatedAnswer, SimulatedPrompt } from './answer.ts';
import type { CacheUse } from './anthropic/cache.ts';
import type { AppliedEdit } from './anthropic/context-edits.ts';

/** The wire format of one provider's API. The server handles the connections. */
export type SimulatedApi = {
  provider: ProviderKind;
  /** The path of the base URL that a client is given. */
  base_path: string;
  /** The path that all endpoints start with: the base path and the version, where clients add it. */
  prefix: string;
  /** Returns the operation of a path below the prefix, or null. */
  operationOf(method: string, path: string): SimulatedOperation | null;
  keyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | null;
  /** Reads and checks a request to generate. Returns the provider's error for an invalid one. */
  parse(operation: GenerateOperation, body: unknown, headers: IncomingHttpHeaders): ParsedRequest;
  /** The endpoint that counts the input of a request; absent where the provider has none. */
  counting?: {
    /** Reads and checks a request to count. */
    parse(operation: CountOperation, body: unknown, headers: IncomingHttpHeaders): ParsedRequest;
    /** Returns the body of an answer. Without tokens, the count is missing. */
    answer(input_tokens: unknown): object;
  };
  /** Reads and checks a request whose answer never streams, such as for embeddings. Absent where the provider has none. */
  parseWhole?(operation: WholeOperation, body: unknown): WholeRequest;
  listModels(): object;
  /** Returns the body of an answer in one piece. */
  answer(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): object;
  /** Returns the events of a streamed answer, as server-sent events. */
  events(request: SimulatedRequest, answer: SimulatedAnswer, usage: UsageMode): string[];
  /** Returns the first events of a streamed answer whose model sends reasoning before text. */
  thinkingEvents(request: SimulatedRequest, answer: SimulatedAnswer): string[];
  /** Returns the event that reports an overloaded provider inside a stream. */
  errorEvent(): string;
  refuse(refusal: SimulatedRefusal): WireResponse;
};

export type GenerateOperation = {
  kind: 'generate';
  /** From the path; null where the body has them. */
  model: string | null;
  stream: boolean | null;
};
/** `model`: from the path; null where the body has it. */
export type CountOperation = { kind: 'count'; model: string | null };
/** An endpoint whose answer never streams. `model`: from the path; null where the body has it. */
export type WholeOperation = {
  kind: 'whole';
  endpoint: 'embeddings' | 'images' | 'image_edits' | 'speech' | 'transcriptions' | 'moderations';
  model: string | null;
};
export type SimulatedOperation =
  | GenerateOperation
  | CountOperation
  | WholeOperation
  | { kind: 'list_models' };

/** The body of an answer that is not JSON. */
export class RawAnswer {
  readonly content_type: string;
  readonly bytes: Buffer;

  constructor(content_type: string, bytes: Buffer) {
    this.content_type = content_type;
    this.bytes = bytes;
  }
}

/** A request whose answer never streams, with the body of its answer, or the provider's error for an invalid one. */
export type WholeRequest =
  | { ok: true; model: string; answer(usage: UsageMode): object | RawAnswer }
  | { ok: false; message: string };

export type SimulatedRequest = SimulatedPrompt & {
  stream: boolean;
  /** True if a stream reports usage. Some APIs report it on request only. */
  stream_usage: boolean;
  /** The tokens of the prompt in the provider's cache, where it counts them apart. */
  cache?: CacheUse;
  /** The edits that were made to the conversation, where some were asked for. */
  applied_edits?: readonly AppliedEdit[];
  /** The thinking before the answer, where the provider shows it. */
  thinking?: SimulatedThinking | null;
};

/** The thinking of an answer: its text, empty if it is not to be shown, and its signature. */
export type SimulatedThinking = { pieces: readonly string[]; signature: string; tokens: number };

export type ParsedRequest = { ok: true; request: SimulatedRequest } | { ok: false; message: string };

/** reported: the computed counts. missing: no counts. hostile: impossible counts. */
export type UsageMode = 'reported' | 'missing' | 'hostile';

/** The reason of a refusal. Each provider has its own message for it. */
export type SimulatedRefusal =
  | { why: 'missing_key' | 'invalid_key' | 'server_error' | 'overloaded' | 'prompt_too_long' | 'not_found' }
  | { why: 'unknown_model'; model: string }
  | { why: 'rate_limited'; retry_after_s: number | null }
  | { why: 'invalid'; message: string };

export type WireResponse = { status: number; body: object; headers?: Record<string, string> };

/** Returns one server-sent event. Anthropic's events have names; Google's and OpenAI's have none. */
export const sseFrame = (data: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** The pieces of a model's visible reasoning. */
export const THOUGHTS = ['The user asks me something. ', 'I had better think about it.'];

/** Returns a Retry-After header if the fault has one. */
export const retryAfterHeader = (retry_after_s: number | null): Record<string, string> =>
  retry_after_s === null ? {} : { 'retry-after': String(retry_after_s) };

/** Impossible token counts, one of each kind. */
export const hostileCounts = { negative: -1_000_000, fraction: 1.5, text: 'many', huge: 9e15 } as const;

/** Returns the issues of a failed zod parse on one line, with field paths as these APIs write them. */
export const describeIssues = (error: { issues: { path: PropertyKey[]; message: string }[] }): string =>
  error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`).join('; ');
