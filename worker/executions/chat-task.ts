import { type CreateExecutionResponse, createExecutionResponse } from '../../contracts/api/executions.ts';
import type { Capability, ChatOptions } from '../../contracts/chat.ts';
import type { KeptInput } from '../../contracts/execution-job.ts';
import type { ExecutionStart } from '../../contracts/journal.ts';
import { ok } from '../../contracts/result.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import { needsOf, unsupportedBy } from '../providers/capabilities.ts';
import { appendEvent, emptyCompletion, truncated } from '../providers/chat/collect.ts';
import { refusedParameter } from '../providers/chat/extra-parameters.ts';
import type { PieceRules } from '../providers/failover/task-stream.ts';
import { eventBytes, inputTokensBound, outputBytesMax } from '../providers/metering/token-bound.ts';
import type { Completion, NeutralRequest, StreamEvent } from '../providers/provider.ts';
import { providerClient } from '../providers/provider-client.ts';
import { type LiveEvent, refusedField, type Task, type TaskStorage } from './task.ts';

/** A piece of a chat's stream: text, reasoning, or part of a tool call. */
export type ChatPiece = Exclude<StreamEvent, { type: 'done' | 'failed' }>;
/** The fields of a chat's answer in the response. */
export type ChatOutput = Pick<CreateExecutionResponse, 'output_text' | 'tool_calls'>;
export type Chat = { piece: ChatPiece; answer: Completion; output: ChatOutput };
export type ChatTask = Task<Chat>;
/** An event that the client of a streamed chat receives. */
export type ChatLiveEvent = LiveEvent<Chat>;

/** A chat request in the neutral form of all surfaces. */
export type ChatRequest = { model: string; max_output_tokens?: number | undefined; chat: ChatOptions };

/**
 * Output tokens of a request that names no limit: enough for most answers. The limit decides how much is held, and so how many
 * requests can run at once, and how long a silent provider is waited for. It is lowered down to `min` where a model's limit or the
 * balance is lower.
 */
const OUTPUT_TOKENS_DEFAULT = { min: 1_024, max: 2_048 };
/** Fewer output tokens than this make no useful answer. */
const FITTED_OUTPUT_TOKENS_MIN = 16;

/** Returns the default output limit: the highest that excludes no candidate whose limit allows a useful answer. */
function defaultOutputTokens(limits: readonly number[]): number {
  const useful = limits.filter((limit) => limit >= OUTPUT_TOKENS_DEFAULT.min);
  return Math.min(OUTPUT_TOKENS_DEFAULT.max, useful.length > 0 ? Math.min(...useful) : Math.max(...limits));
}

/**
 * Returns the least output limit to which a request may be fitted. A limit that the client named is lowered only with
 * `fit_to_balance`. Pure.
 */
export const leastOutputTokens = (max_output_tokens: number | undefined, fit_to_balance: boolean): number =>
  fit_to_balance ? FITTED_OUTPUT_TOKENS_MIN : (max_output_tokens ?? OUTPUT_TOKENS_DEFAULT.min);

const lacks: Record<Capability, string> = {
  images: 'This model takes no images',
  image_urls: 'This model takes images as base64, not by URL',
  tools: 'This model takes no tools',
  json_object: 'This model does not answer JSON on request',
  json_schema: 'This model does not answer JSON of a schema',
};

/** Returns the reason why a candidate cannot run the request: its kind lacks something, or its catalog entry says that it does. */
function obstacleOf(request: NeutralRequest, { provider, capabilities }: ReadyCandidate): string | null {
  const lacking = needsOf(request).find((need) => capabilities[need] === false);
  return lacking === undefined ? unsupportedBy(provider.kind, request) : lacks[lacking];
}

/** Joins consecutive pieces of one text, one chain of reasoning, or one call's arguments. */
function mergePieces(before: ChatPiece, after: ChatPiece): ChatPiece | null {
  if (before.type === 'text' && after.type === 'text')
    return { type: 'text', text: before.text + after.text };
  if (before.type === 'reasoning' && after.type === 'reasoning')
    return { type: 'reasoning', text: before.text + after.text };
  const isSameCall =
    before.type === 'tool_arguments' && after.type === 'tool_arguments' && before.index === after.index;
  return isSameCall ? { ...before, json: before.json + after.json } : null;
}

/** Properties of a chat's pieces. */
export const chatPieces: PieceRules<ChatPiece> = {
  bytesOf: eventBytes,
  isContent: ({ type }) => type !== 'reasoning',
  merge: mergePieces,
};

const outputOf = ({ text, tool_calls }: Pick<Completion, 'text' | 'tool_calls'>): ChatOutput => ({
  output_text: text,
  tool_calls,
});

/** Returns the task of a chat request. `fit_to_balance` lets its output limit be lowered to what the balance covers. */
export function chatTask(
  { model, max_output_tokens: asked, chat }: ChatRequest,
  { fit_to_balance = false }: { fit_to_balance?: boolean } = {},
): ChatTask & { storage: TaskStorage<Chat> } {
  const requestOf = ({ provider_model }: ReadyCandidate, max_output_tokens: number): NeutralRequest => ({
    ...chat,
    model: provider_model,
    max_output_tokens,
  });
  return {
    kind: 'chat',
    model,
    outputLimit(limits) {
      const parameter = refusedParameter(chat.extra);
      if (parameter !== null)
        return refusedField(parameter, 'unsupported', 'This parameter is not supported');
      const most = Math.max(...limits);
      return asked !== undefined && asked > most
        ? refusedField('max_output_tokens', 'too_big', `This model's limit is ${most}`)
        : ok(asked ?? defaultOutputTokens(limits));
    },
    output_tokens_min: leastOutputTokens(asked, fit_to_balance),
    obstacle: (candidate, max_output_tokens) =>
      obstacleOf(requestOf(candidate, max_output_tokens), candidate),
    inputTokensBound: (candidate, max_output_tokens) =>
      inputTokensBound(candidate.provider.kind, requestOf(candidate, max_output_tokens)),
    answerBytesMax: outputBytesMax,
    call: (candidate, max_output_tokens, { timeout_ms, ...patience }, signal) =>
      providerClient({ ...candidate.credential, timeout_ms }).stream(
        requestOf(candidate, max_output_tokens),
        signal,
        patience,
      ),
    pieces: chatPieces,
    empty: emptyCompletion,
    append: (answer, event) =>
      event.type === 'done'
        ? { ...answer, finish_reason: event.finish_reason ?? 'stop', usage: event.usage }
        : appendEvent(answer, event),
    truncate: truncated,
    outputOf,
    storage: { input: { chat }, answerOf: ({ text, tool_calls }) => ({ text, tool_calls }), outputOf },
    // Responses that were kept before tasks and prices were recorded lack both.
    parseResponse: (kept) =>
      createExecutionResponse.parse({ task: 'chat', price: null, ...(kept as object) }),
  };
}

/** Returns the chat of a stored execution. Chat is the one kind of task that runs in the background. */
export function restoreChat(
  { task = 'chat', model, max_output_tokens }: Pick<ExecutionStart, 'task' | 'model' | 'max_output_tokens'>,
  { chat }: KeptInput,
): ReturnType<typeof chatTask> {
  if (task !== 'chat') throw new Error(`A task of kind ${task} does not run in the background`);
  return chatTask({ model, max_output_tokens, chat });
}

/** Returns the events by which a stream would have delivered a finished chat. Pure. */
export function piecesOf({ output_text, tool_calls }: ChatOutput): ChatPiece[] {
  const calls = tool_calls.flatMap(({ id, name, arguments: json }, index): ChatPiece[] => [
    { type: 'tool_call', index, id, name },
    { type: 'tool_arguments', index, json },
  ]);
  return [...(output_text === '' ? [] : [{ type: 'text' as const, text: output_text }]), ...calls];
}
