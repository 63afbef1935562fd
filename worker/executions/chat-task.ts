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
import { documentsOf, imagesOf } from '../providers/chat/conversation.ts';
import { refusedParameter } from '../providers/chat/extra-parameters.ts';
import type { PieceRules } from '../providers/failover/task-stream.ts';
import { hidesReasoning } from '../providers/metering/hidden-reasoning.ts';
import type { InputMedia } from '../providers/metering/pricing.ts';
import { eventBytes, inputTokensBoundOf, outputBytesMax } from '../providers/metering/token-bound.ts';
import {
  estimateInputTokens,
  estimateOutputTokens,
  estimatePieceTokens,
  estimateReasoningTokens,
} from '../providers/metering/token-estimate.ts';
import type { Completion, NeutralRequest, StreamEvent } from '../providers/provider.ts';
import { piecesOfAnswer } from '../providers/transport/stream-reader.ts';
import { clientOf } from './candidate-client.ts';
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
export type ChatRequest = { model: string; max_output_tokens?: number | undefined; chat: ChatOptions };

/** Fewer output tokens than this make no fair answer: a candidate with a lower limit sets none for the others. */
const FAIR_OUTPUT_TOKENS = 1_024;
/** Output tokens of a request that names no limit, where all of them are held. */
const HELD_OUTPUT_TOKENS_MAX = 8_192;
/** Fewer output tokens than this make no useful answer. */
const FITTED_OUTPUT_TOKENS_MIN = 16;

/** Time that a provider's endpoint gets to count the input. The request waits for it. */
const COUNT_TIMEOUT_MS = 2_000;

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
  tools: 'This model takes no tools',
  json_object: 'This model does not answer JSON on request',
  json_schema: 'This model does not answer JSON of a schema',
};

/** Returns the reason why a candidate cannot run the request: its kind lacks something, or its catalog entry says that it does. */
function obstacleOf(request: NeutralRequest, { provider, capabilities }: ReadyCandidate): string | null {
  const lacking = needsOf(request).find((need) => capabilities[need] === false);
  return lacking === undefined ? unsupportedBy(provider.kind, request) : lacks[lacking];
}

/** The media of a conversation. Google counts the pages of a PDF as images. */
const mediaOf = (chat: ChatOptions): InputMedia[] =>
  imagesOf(chat).length > 0 || documentsOf(chat).length > 0 ? ['image'] : [];

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

type ChatTerms = {
  /** Lets the output limit be lowered to what the balance covers. */
  fit_to_balance?: boolean;
  /** Stored with the conversation, where the tenant stores contents. */
  kept?: Omit<KeptInput, 'chat'>;
};

/** Returns the task of a chat request. */
export function chatTask(
  { model, max_output_tokens: asked, chat }: ChatRequest,
  { fit_to_balance = false, kept = {} }: ChatTerms = {},
): ChatTask & { storage: TaskStorage<Chat> } {
  const requestOf = ({ provider_model }: ReadyCandidate, max_output_tokens: number): NeutralRequest => ({
    ...chat,
    model: provider_model,
    max_output_tokens,
  });
  return {
    kind: 'chat',
    model,
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
    countInputTokens: (candidate, max_output_tokens) =>
      clientOf(candidate, COUNT_TIMEOUT_MS).countInput(requestOf(candidate, max_output_tokens)),
    is_bounded_by_window: documentsOf(chat).length > 0,
    input_media: mediaOf(chat),
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
export const piecesOf = ({ output_text, tool_calls, ...extras }: ChatOutput): ChatPiece[] =>
  piecesOfAnswer(output_text, tool_calls, extras);
