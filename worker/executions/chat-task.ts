import { type CreateExecutionResponse, createExecutionResponse } from '../../contracts/api/executions.ts';
import type { AnswerExtras, Capability, ChatOptions, EndDetails } from '../../contracts/chat/chat.ts';
import type { KeptAnswer, KeptInput } from '../../contracts/execution-job.ts';
import { ok } from '../../contracts/result.ts';
import type { ExecutionStart } from '../../contracts/wallet/journal.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import { needsOf, unsupportedBy } from '../providers/capabilities.ts';
import {
  appendEvent,
  emptyCompletion,
  endedBy,
  mergeReasoning,
  truncated,
} from '../providers/chat/collect.ts';
import { audiosOf, cacheMarksOf, documentsOf, hasFiles, imagesOf } from '../providers/chat/conversation.ts';
import { refusedParameter } from '../providers/chat/extra-parameters.ts';
import type { PieceRules } from '../providers/failover/task-stream.ts';
import { hidesReasoning } from '../providers/metering/hidden-reasoning.ts';
import { heldTokensOf, tokenizerCount } from '../providers/metering/input-count.ts';
import type { InputClass } from '../providers/metering/pricing.ts';
import { eventBytes, inputTokensBoundOf, outputBytesMax } from '../providers/metering/token-bound.ts';
import {
  estimateInputTokens,
  estimateOutputTokens,
  estimatePieceTokens,
  estimateReasoningTokens,
} from '../providers/metering/token-estimate.ts';
import type { Completion, InputCount, NeutralRequest, StreamEvent } from '../providers/provider.ts';
import { kindModules } from '../providers/registry.ts';
import { piecesOfAnswer } from '../providers/transport/stream-reader.ts';
import { clientOf } from './candidate-client.ts';
import { chatCache } from './response-cache/chat-cache.ts';
import { type LiveEvent, refusedField, type Task, type TaskStorage } from './task.ts';

/** A piece of a chat's stream: text, reasoning, or part of a tool call. */
export type ChatPiece = Exclude<StreamEvent, { type: 'done' | 'failed' }>;
/** The fields of a chat's answer in the response. */
export type ChatOutput = Pick<
  CreateExecutionResponse,
  'output_text' | 'tool_calls' | keyof AnswerExtras | keyof EndDetails
>;
export type Chat = { piece: ChatPiece; answer: Completion; output: ChatOutput };
export type ChatTask = Task<Chat>;
/** An event that the client of a streamed chat receives. */
export type ChatLiveEvent = LiveEvent<Chat>;

/** A chat request in the neutral form of all surfaces. */
export type ChatRequest = {
  model: string;
  fallback_models?: readonly string[] | undefined;
  max_output_tokens?: number | undefined;
  chat: ChatOptions;
};

/** Fewer output tokens than this make no fair answer: a candidate with a lower limit sets none for the others. */
const FAIR_OUTPUT_TOKENS = 1_024;
/** Output tokens of a request that names no limit, where all of them are held. */
const HELD_OUTPUT_TOKENS_MAX = 8_192;
/** Fewer output tokens than this make no useful answer. */
const FITTED_OUTPUT_TOKENS_MIN = 16;

/** Time that a provider's endpoint gets to count the input. The request waits for it. */
const COUNT_TIMEOUT_MS = 2_000;
/** The same for a client that asks for nothing else. */
const ASKED_COUNT_TIMEOUT_MS = 15_000;

/**
 * Returns the output limit of a request that names none: the default, or else the model's. The model's is the highest that excludes no
 * candidate with a fair one, and bounds the default.
 */
function defaultOutputTokens(
  limits: readonly number[],
  grows: boolean,
  default_limit: number | null,
): number {
  const fair = limits.filter((limit) => limit >= FAIR_OUTPUT_TOKENS);
  const own = fair.length > 0 ? Math.min(...fair) : Math.max(...limits);
  if (default_limit !== null) return Math.min(default_limit, own);
  return grows ? own : Math.min(HELD_OUTPUT_TOKENS_MAX, own);
}

/**
 * Returns the least output limit to which a request may be fitted. A limit that the client named is lowered only with
 * `fit_to_balance`. Pure.
 */
export const leastOutputTokens = (max_output_tokens: number | undefined, fit_to_balance: boolean): number =>
  fit_to_balance ? FITTED_OUTPUT_TOKENS_MIN : (max_output_tokens ?? FAIR_OUTPUT_TOKENS);

const lacks: Record<Capability, string> = {
  images: 'This model takes no images',
  image_urls: 'This model takes images as base64, not by URL',
  documents: 'This model takes no documents',
  audio: 'This model takes no audio',
  tools: 'This model takes no tools',
  json_object: 'This model does not answer JSON on request',
  json_schema: 'This model does not answer JSON of a schema',
};

/** Returns the reason why a candidate cannot run the request: its kind lacks something, or its catalog entry says that it does. */
function obstacleOf(request: NeutralRequest, { provider, capabilities }: ReadyCandidate): string | null {
  const lacking = needsOf(request).find((need) => capabilities[need] === false);
  return lacking === undefined ? unsupportedBy(provider.kind, request) : lacks[lacking];
}

/** The number of stop sequences that every candidate gets, if one of them takes fewer than there are; else null. */
function stopsFitted({ stop = [] }: ChatOptions, candidates: readonly ReadyCandidate[]): number | null {
  const limits = candidates.map(({ provider }) => kindModules[provider.kind].stops_max ?? stop.length);
  const sent = Math.min(...limits);
  return sent < stop.length ? sent : null;
}

/** Returns true for a part of a tool call after the first one. */
const isOfLaterCall = (piece: ChatPiece): boolean =>
  (piece.type === 'tool_call' || piece.type === 'tool_arguments') && piece.index > 0;

/** 1 for a request for one tool call at a time, if the provider of a candidate cannot be kept to that; else null. */
const callsFitted = (
  { tools, parallel_tool_calls }: ChatOptions,
  candidates: readonly ReadyCandidate[],
): number | null =>
  tools !== undefined &&
  parallel_tool_calls === false &&
  candidates.some(({ provider }) => !kindModules[provider.kind].keeps_to_one_call)
    ? 1
    : null;

/** The classes that a conversation may have beside text. Google counts the pages of a PDF as images. */
const inputClassesOf = (chat: ChatOptions): InputClass[] => [
  ...(imagesOf(chat).length > 0 || documentsOf(chat).length > 0 ? (['input_image'] as const) : []),
  ...(audiosOf(chat).length > 0 ? (['input_audio'] as const) : []),
  ...(cacheMarksOf(chat).some(({ ttl }) => ttl === '1h') ? (['cache_write_1h'] as const) : []),
];

/** Joins consecutive pieces of one text, one chain of reasoning, or one call's arguments. */
function mergePieces(before: ChatPiece, after: ChatPiece): ChatPiece | null {
  if (before.type === 'text' && after.type === 'text')
    return { type: 'text', text: before.text + after.text };
  if (before.type === 'reasoning' && after.type === 'reasoning') {
    const merged = mergeReasoning(before, after);
    return merged === null ? null : { type: 'reasoning', ...merged };
  }
  const isSameCall =
    before.type === 'tool_arguments' && after.type === 'tool_arguments' && before.index === after.index;
  return isSameCall ? { ...before, json: before.json + after.json } : null;
}

/** Properties of a chat's pieces. */
export const chatPieces: PieceRules<ChatPiece> = {
  bytesOf: eventBytes,
  isContent: ({ type }) => !['reasoning', 'carried', 'input_told'].includes(type),
  isPrelude: ({ type }) => type === 'input_told',
  merge: mergePieces,
};

/** The answer as it is stored: without its usage and its end, which the ledger has. */
const answerOf = ({
  finish_reason: _reason,
  usage: _usage,
  input_told: _input,
  usage_corrected: _corrected,
  ...said
}: Completion): KeptAnswer => said;

const outputOf = ({ text, ...said }: KeptAnswer): ChatOutput => ({ output_text: text, ...said });

/** Returns what every turn of a conversation repeats, as JSON: its tools, and its messages up to the first of the user. */
function beginningOf({ messages, tools }: ChatOptions): string {
  const first = messages.findIndex(({ role }) => role === 'user');
  return JSON.stringify([tools ?? [], messages.slice(0, first + 1)]);
}

type ChatTerms = {
  /** Lets the output limit be lowered to what the balance covers. */
  fit_to_balance?: boolean;
  /** Stored with the conversation, where the tenant stores contents. */
  kept?: Omit<KeptInput, 'chat'>;
};

/** The parts of a chat's task that other tasks may lack. */
type ChatOnly = {
  storage: TaskStorage<Chat>;
  /** Counts the input of a candidate for its client. Null if only its bound is known. */
  countExactly(candidate: ReadyCandidate): Promise<InputCount | null>;
};

/** Returns the task of a chat request. */
export function chatTask(
  { model, fallback_models, max_output_tokens: asked, chat }: ChatRequest,
  { fit_to_balance = false, kept = {} }: ChatTerms = {},
): ChatTask & ChatOnly {
  const requestOf = ({ provider_model }: ReadyCandidate, max_output_tokens: number): NeutralRequest => ({
    ...chat,
    model: provider_model,
    max_output_tokens,
  });
  return {
    kind: 'chat',
    model,
    fallback_models,
    beginning: () => beginningOf(chat),
    refusal(candidates) {
      const allowed = candidates.flatMap(({ provider }) => provider.settings.allow_parameters);
      const parameter = refusedParameter(chat.extra, allowed);
      return parameter === null
        ? null
        : refusedField(parameter, 'unsupported', 'This parameter is not supported');
    },
    outputLimit(limits, grows, default_limit) {
      const most = Math.max(...limits);
      return asked !== undefined && asked > most
        ? refusedField('max_output_tokens', 'too_big', `This model's limit is ${most}`)
        : ok(asked ?? defaultOutputTokens(limits, grows, default_limit));
    },
    allowsOutput: (candidate, max_output_tokens) => candidate.max_output_tokens >= max_output_tokens,
    output_tokens_min: leastOutputTokens(asked, fit_to_balance),
    obstacle: (candidate, max_output_tokens) =>
      obstacleOf(requestOf(candidate, max_output_tokens), candidate),
    inputTokensBound: (candidate, max_output_tokens) =>
      inputTokensBoundOf(
        candidate.provider.kind,
        requestOf(candidate, max_output_tokens),
        candidate.context_window_tokens,
      ),
    async countInputTokens(candidate, max_output_tokens) {
      const request = requestOf(candidate, max_output_tokens);
      const counted = await clientOf(candidate, COUNT_TIMEOUT_MS).countInput(request);
      return counted === null ? null : heldTokensOf(counted);
    },
    async countExactly(candidate) {
      const request = requestOf(candidate, candidate.max_output_tokens);
      const counted = await clientOf(candidate, ASKED_COUNT_TIMEOUT_MS).countInput(request);
      return counted ?? tokenizerCount(candidate.provider.kind, request);
    },
    stopsFitted: (candidates) => stopsFitted(chat, candidates),
    callsFitted: (candidates) => callsFitted(chat, candidates),
    // Of every provider: some have no such parameter, and compatible servers pass over it.
    withholds: (piece) => chat.parallel_tool_calls === false && isOfLaterCall(piece),
    is_bounded_by_window: hasFiles(chat),
    input_classes: inputClassesOf(chat),
    needsWholeHold: ({ provider, provider_model }) =>
      !fit_to_balance || hidesReasoning(provider.kind, provider_model, chat),
    hidesOutput: ({ provider, provider_model }) => hidesReasoning(provider.kind, provider_model, chat),
    tokensOf: estimatePieceTokens,
    inputTold: (piece) => (piece.type === 'input_told' ? piece.usage : null),
    estimateInputTokens: (candidate, max_output_tokens) =>
      estimateInputTokens(candidate.provider.kind, requestOf(candidate, max_output_tokens)),
    estimateOutputTokens,
    estimateReasoningTokens,
    answerBytesMax: outputBytesMax,
    call: (candidate, max_output_tokens, { timeout_ms, ...patience }, signal) =>
      clientOf(candidate, timeout_ms).stream(requestOf(candidate, max_output_tokens), signal, patience),
    pieces: chatPieces,
    empty: emptyCompletion,
    append: (answer, event) => (event.type === 'done' ? endedBy(answer, event) : appendEvent(answer, event)),
    truncate: truncated,
    outputOf: (answer) => outputOf(answerOf(answer)),
    storage: { input: { chat, ...kept }, answerOf, outputOf },
    cache: chatCache(chat),
    // Responses that were kept before tasks, prices and routing were recorded lack them.
    parseResponse: (kept) =>
      createExecutionResponse.parse({ task: 'chat', price: null, routing: null, ...(kept as object) }),
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
export const piecesOf = ({ output_text, tool_calls, ...extras }: ChatOutput): ChatPiece[] =>
  piecesOfAnswer(output_text, tool_calls, extras);
