import { z } from 'zod';
import { microUsd, positiveWalletTokens, walletTokens } from '../amounts.ts';
import { chatMessage, chatOptions, TEXT_MAX, toolCall } from '../chat.ts';
import { errorResponse } from '../errors.ts';
import { appliedPrice, tokenRates } from '../price.ts';
import { attemptReceipt, providerKind, usage, usageSource } from '../usage.ts';
import { governingPolicy } from '../wallet-policy.ts';
import { ledgerItem } from './wallet.ts';

const [system, user, assistant, tool] = chatMessage.options;

/** Plain text stands for a single part of it. */
const textOr = <Parts extends z.ZodType>(parts: Parts) => z.union([z.string().min(1).max(TEXT_MAX), parts]);

/** One turn of a conversation: text, or parts of text and images; calls of tools, and what the tools answered. */
export const message = z.discriminatedUnion('role', [
  system.extend({ content: textOr(system.shape.content) }),
  user.extend({ content: textOr(user.shape.content) }),
  assistant.extend({ content: textOr(assistant.shape.content) }),
  tool.extend({ content: textOr(tool.shape.content) }),
]);
export type Message = z.infer<typeof message>;

/** The largest output any request may ask for, whatever the model; the model's own limit is lower. */
export const OUTPUT_TOKENS_MAX = 1_000_000;

/** Either a prompt, which is one user turn, or messages whose last turn is the user's or a tool's; exactly one of the two. */
export const createExecutionRequest = z
  .strictObject({
    model: z.string().min(1).max(200),
    prompt: z.string().min(1).max(TEXT_MAX).optional(),
    messages: z.array(message).min(1).optional(),
    max_output_tokens: z.int().min(1).max(OUTPUT_TOKENS_MAX).optional(),
    ...chatOptions.omit({ messages: true, extra: true }).shape,
    /** Answers as server-sent events while the model speaks. */
    stream: z.boolean().optional(),
    /** Lets the output limit be lowered to what the balance covers, rather than be refused; the answer says so. */
    fit_to_balance: z.boolean().optional(),
    /** Answers 202 at once and runs it in the background, for up to an hour; the answer is fetched by its id. */
    background: z.boolean().optional(),
    /** When no provider could answer, goes on in the background instead of failing, with the same reservation. */
    fallback: z.literal('background').optional(),
  })
  .refine(({ stream, background, fallback }) => !stream || !(background || fallback), {
    path: ['stream'],
    message: 'What runs in the background cannot be streamed',
  })
  .refine((body) => (body.prompt === undefined) !== (body.messages === undefined), {
    path: ['prompt'],
    message: 'Send either prompt or messages, exactly one of them',
  })
  .refine(({ messages }) => messages === undefined || /user|tool/.test(messages.at(-1)?.role ?? ''), {
    path: ['messages'],
    message: "The last message must be the user's, or a tool's",
  });
export type CreateExecutionRequest = z.infer<typeof createExecutionRequest>;

/** Longest answer that is kept for its Idempotency-Key, in characters of JSON. */
export const KEPT_ANSWER_MAX = 500_000;

export const executionStatus = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'expired']);

/** An execution, running or finished, and what it cost. What was said is null unless it is being answered right now or kept. */
export const execution = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  model: z.string(),
  status: executionStatus,
  output_text: z.string().nullable(),
  tool_calls: z.array(toolCall).nullable(),
  finish_reason: z.enum(['stop', 'length', 'content_filter', 'tool_calls']).nullable(),
  provider: z.object({ name: z.string(), model: z.string() }).nullable(),
  usage: usage.nullable(),
  usage_source: usageSource.nullable(),
  tokens_reserved: walletTokens,
  tokens_charged: walletTokens,
  /** Tokens the wallet was short of when this was reserved: hard enforcement would have refused it. Null when it was not. */
  shortfall: positiveWalletTokens.nullable(),
  cost_micro_usd: microUsd,
  /** Version of the price it was charged by; while it runs, that of its first candidate. `price` says whose and what. */
  price_version: z.int().nullable(),
  /**
   * What it was charged by: the sum of tokens times rate over all classes of `usage`, rounded up once. Null when nothing was used, and
   * of executions from before this was written down.
   */
  price: appliedPrice.nullable(),
  attempts: z.array(attemptReceipt),
  error_code: z.string().nullable(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
});
export type Execution = z.infer<typeof execution>;

/**
 * One execution with its receipt: what it did to the wallet, entry by entry of the ledger. What comes at its end is null while it
 * runs, and until the ledger has heard of it, which takes seconds.
 */
export const executionReceipt = execution.extend({
  /** Held tokens that were given back. */
  tokens_released: walletTokens.nullable(),
  /** Charged beyond the balance, where the policy lets that be. */
  overage: walletTokens.nullable(),
  balance_after: walletTokens.nullable(),
  /** The policy that let it run; `version` is the time of its newest change in microseconds since the epoch. */
  policy: governingPolicy.extend({ version: z.int().min(0) }).nullable(),
  ledger: z.array(ledgerItem),
});
export type ExecutionReceipt = z.infer<typeof executionReceipt>;

/** What is kept of an execution, for its user alone: what was asked and, once it was answered, what was said. Null is nothing. */
export const keptContent = z.object({
  messages: z.array(chatMessage).nullable(),
  output_text: z.string().nullable(),
  tool_calls: z.array(toolCall).nullable(),
});
export type KeptContent = z.infer<typeof keptContent>;

/** The answer to a run: the execution with what was said, and the balance it left behind. */
export const createExecutionResponse = execution.extend({
  output_text: z.string(),
  tool_calls: z.array(toolCall),
  /** The output limit it was fitted to; null when it was not fitted to the balance. */
  fitted_max_output_tokens: z.int().min(1).nullable(),
  balance_after: walletTokens,
});
export type CreateExecutionResponse = z.infer<typeof createExecutionResponse>;

/** A model a user may call, by its public name, with the price of its first candidate. */
export const model = z.object({
  name: z.string(),
  providers: z.array(z.object({ kind: providerKind, name: z.string(), simulated: z.boolean() })),
  context_window_tokens: z.int(),
  max_output_tokens: z.int(),
  wallet_tokens_per_1000: tokenRates,
});
export type Model = z.infer<typeof model>;

/**
 * What a streamed run sends, one server-sent event each: pieces of the answer, then either the finished execution or the error
 * that ended it. `reasoning` is what the model thought aloud: paid for, and no part of the answer.
 */
export const executionEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('tool_call'), index: z.int().min(0), id: z.string(), name: z.string() }),
  z.object({ type: z.literal('tool_arguments'), index: z.int().min(0), json: z.string() }),
  z.object({ type: z.literal('execution'), execution: createExecutionResponse }),
  z.object({ type: z.literal('error'), error: errorResponse.shape.error }),
]);
export type ExecutionEvent = z.infer<typeof executionEvent>;
