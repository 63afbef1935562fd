import { z } from 'zod';
import { microUsd, positiveWalletTokens, walletTokens } from '../amounts.ts';
import { attemptReceipt, providerKind, usage, usageSource } from '../usage.ts';

/** One turn of a conversation. Content is plain text here; images and tools come with the gateway. */
export const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1).max(1_000_000),
});
export type Message = z.infer<typeof message>;

/** The largest output any request may ask for, whatever the model; the model's own limit is lower. */
export const OUTPUT_TOKENS_MAX = 1_000_000;

const common = {
  model: z.string().min(1).max(200),
  max_output_tokens: z.int().min(1).max(OUTPUT_TOKENS_MAX).optional(),
};

/** Either a prompt, which is one user turn, or messages whose last turn is the user's; exactly one of the two. */
export const createExecutionRequest = z
  .strictObject({
    ...common,
    prompt: z.string().min(1).max(1_000_000).optional(),
    messages: z.array(message).min(1).max(1_000).optional(),
  })
  .refine((body) => (body.prompt === undefined) !== (body.messages === undefined), {
    path: ['prompt'],
    message: 'Send either prompt or messages, exactly one of them',
  })
  .refine((body) => body.messages === undefined || body.messages.at(-1)?.role === 'user', {
    path: ['messages'],
    message: "The last message must be the user's",
  });
export type CreateExecutionRequest = z.infer<typeof createExecutionRequest>;

export const executionStatus = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'expired']);

/** An execution, running or finished, and what it cost. `output_text` is null unless it is being answered right now or stored. */
export const execution = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  model: z.string(),
  status: executionStatus,
  output_text: z.string().nullable(),
  finish_reason: z.enum(['stop', 'length', 'content_filter', 'tool_calls']).nullable(),
  provider: z.object({ name: z.string(), model: z.string() }).nullable(),
  usage: usage.nullable(),
  usage_source: usageSource.nullable(),
  tokens_reserved: walletTokens,
  tokens_charged: walletTokens,
  /** Tokens the wallet was short of when this was reserved: hard enforcement would have refused it. Null when it was not. */
  shortfall: positiveWalletTokens.nullable(),
  cost_micro_usd: microUsd,
  price_version: z.int().nullable(),
  attempts: z.array(attemptReceipt),
  error_code: z.string().nullable(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
});
export type Execution = z.infer<typeof execution>;

/** The answer to a run: the execution, and the balance it left behind. */
export const createExecutionResponse = execution.extend({ balance_after: walletTokens });
export type CreateExecutionResponse = z.infer<typeof createExecutionResponse>;

/** Wallet tokens per 1,000 provider tokens, by usage class. */
export const tokenRates = z.object({
  input: walletTokens,
  cache_read: walletTokens,
  cache_write: walletTokens,
  output: walletTokens,
});

/** A model a user may call, by its public name, with the price of its first candidate. */
export const model = z.object({
  name: z.string(),
  providers: z.array(z.object({ kind: providerKind, name: z.string(), simulated: z.boolean() })),
  context_window_tokens: z.int(),
  max_output_tokens: z.int(),
  wallet_tokens_per_1000: tokenRates,
});
export type Model = z.infer<typeof model>;
