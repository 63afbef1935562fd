import { z } from 'zod';
import { microUsd, positiveWalletTokens, walletTokens } from '../amounts.ts';
import { chatMessage, chatOptions, TEXT_MAX, toolCall } from '../chat.ts';
import { errorResponse } from '../errors.ts';
import { appliedPrice, tokenRates } from '../price.ts';
import { attemptReceipt, providerKind, usage, usageSource } from '../usage.ts';
import { governingPolicy } from '../wallet-policy.ts';
import { userSummary } from './users.ts';
import { ledgerItem } from './wallet.ts';

const [system, user, assistant, tool] = chatMessage.options;

/** Plain text stands for a single part of it. */
const textOr = <Parts extends z.ZodType>(parts: Parts) =>
  z.union([z.string().min(1).max(TEXT_MAX), parts]).describe(parts.description ?? '');

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
    model: z.string().min(1).max(200).describe('A model of `GET /api/ai/models`'),
    prompt: z.string().min(1).max(TEXT_MAX).optional().describe('What to ask: a conversation of one turn'),
    messages: z
      .array(message)
      .min(1)
      .optional()
      .describe('The conversation, oldest first; the last is the user’s, or a tool’s'),
    max_output_tokens: z
      .int()
      .min(1)
      .max(OUTPUT_TOKENS_MAX)
      .optional()
      .describe(
        'The most tokens the answer may have, thoughts included. That much is reserved; 2,048 when nothing is said',
      ),
    ...chatOptions.omit({ messages: true, extra: true }).shape,
    stream: z
      .boolean()
      .optional()
      .describe('Answers as server-sent events while the model speaks; in one piece unless you say'),
    fit_to_balance: z
      .boolean()
      .optional()
      .describe(
        'Lets the output limit be lowered to what the balance covers, rather than be refused; the answer says so. False unless you say',
      ),
    background: z
      .boolean()
      .optional()
      .describe(
        'Answers 202 at once and runs it in the background, for up to an hour; the answer is fetched by its id. False unless you say',
      ),
    fallback: z
      .literal('background')
      .optional()
      .describe(
        '`background`: when no provider could answer, goes on in the background instead of failing, with the same reservation',
      ),
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

/** How an execution stands. All but `running` are final. */
export const executionStatus = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'expired']);

/** An execution, running or finished, and what it cost. What was said is null unless it is being answered right now or kept. */
export const execution = z.object({
  id: z.uuid().describe('The execution'),
  task: z.string().describe('The kind of task: `chat`'),
  user_id: z.uuid().describe('Whose it is'),
  model: z.string().describe('The model that was asked for'),
  status: executionStatus.describe(
    '`running`: not at its end yet; `succeeded`: it was answered; `failed`: nothing was charged; `cancelled`: nobody waited for the end; `expired`: it was never settled, so nothing was charged',
  ),
  output_text: z
    .string()
    .nullable()
    .describe('What the model said; null unless it is being answered right now or kept'),
  tool_calls: z
    .array(toolCall)
    .nullable()
    .describe('The tools it asks to be called; null unless it is being answered right now or kept'),
  finish_reason: z
    .enum(['stop', 'length', 'content_filter', 'tool_calls'])
    .nullable()
    .describe(
      'Why the answer ended: `stop`: by itself; `length`: at the limit of output; `content_filter`: by a filter; `tool_calls`: to have tools called',
    ),
  provider: z
    .object({
      name: z.string().describe('What it is called'),
      model: z.string().describe('The model, as it calls it'),
    })
    .nullable()
    .describe('Who answered; null when nobody did'),
  usage: usage.nullable().describe('What was used, in the provider’s tokens, by class'),
  usage_source: usageSource
    .nullable()
    .describe(
      'Where the figures come from: `reported`: from the provider; `estimated`: from us, since it said nothing; `clamped`: it reported more than was reserved, and that is what was charged',
    ),
  tokens_reserved: walletTokens.describe('Wallet tokens held while it ran: the most it could cost'),
  tokens_charged: walletTokens.describe('Wallet tokens it cost'),
  shortfall: positiveWalletTokens
    .nullable()
    .describe(
      'Tokens the wallet was short of when this was reserved: hard enforcement would have refused it. Null when it was not',
    ),
  cost_micro_usd: microUsd.describe(
    'What the provider charges at its list price, in millionths of a US dollar',
  ),
  price_version: z
    .int()
    .nullable()
    .describe(
      'Version of the price it was charged by; while it runs, that of its first candidate. `price` says whose and what',
    ),
  price: appliedPrice
    .nullable()
    .describe(
      'What it was charged by: the sum of tokens times rate over all classes of `usage`, rounded up once. Null when nothing was used, and of executions from before this was written down',
    ),
  attempts: z.array(attemptReceipt).describe('Every call that was made, and how it ended'),
  error_code: z.string().nullable().describe('Why it failed or was cut short; null when it succeeded'),
  created_at: z.iso.datetime().describe('When it began'),
  finished_at: z.iso.datetime().nullable().describe('When it ended; null while it runs'),
});
export type Execution = z.infer<typeof execution>;

/** An execution in a list, with its user. */
export const executionListItem = execution.extend({
  user: userSummary.describe('The user the execution belongs to'),
});
export type ExecutionListItem = z.infer<typeof executionListItem>;

/**
 * One execution with its receipt: what it did to the wallet, entry by entry of the ledger. What comes at its end is null while it
 * runs, and until the ledger has heard of it, which takes seconds.
 */
export const executionReceipt = execution.extend({
  tokens_released: walletTokens.nullable().describe('Held tokens that were given back'),
  overage: walletTokens.nullable().describe('Charged beyond the balance, where the policy lets that be'),
  balance_after: walletTokens.nullable().describe('Tokens available after it'),
  policy: governingPolicy
    .extend({ version: z.int().min(0).describe('When its newest part changed, in microseconds since 1970') })
    .nullable()
    .describe(
      'The policy that let it run; `version` is the time of its newest change in microseconds since 1970',
    ),
  ledger: z.array(ledgerItem).describe('Its entries in the ledger'),
});
export type ExecutionReceipt = z.infer<typeof executionReceipt>;

/** What is kept of an execution, for its user alone: what was asked and, once it was answered, what was said. Null is nothing. */
export const keptContent = z.object({
  messages: z.array(chatMessage).nullable().describe('What was asked'),
  output_text: z.string().nullable().describe('What the model said'),
  tool_calls: z.array(toolCall).nullable().describe('The tools it asked to be called'),
});
export type KeptContent = z.infer<typeof keptContent>;

/** The answer to a run: the execution with what was said, and the balance it left behind. */
export const createExecutionResponse = execution.extend({
  output_text: z.string().describe('What the model said'),
  tool_calls: z.array(toolCall).describe('The tools it asks to be called'),
  fitted_max_output_tokens: z
    .int()
    .min(1)
    .nullable()
    .describe('The output limit it was fitted to; null when it was not fitted to the balance'),
  balance_after: walletTokens.describe('Tokens available after it'),
});
export type CreateExecutionResponse = z.infer<typeof createExecutionResponse>;

/** A model a user may call, by its public name, with the price of its first candidate. */
export const model = z.object({
  name: z.string().describe('The name to ask for'),
  providers: z
    .array(
      z.object({
        kind: providerKind.describe('The protocol it is asked by'),
        name: z.string().describe('What it is called'),
        simulated: z.boolean().describe('Whether a local simulator answers for it'),
      }),
    )
    .describe('Who may answer, in order'),
  context_window_tokens: z.int().describe('Tokens it takes, prompt and answer together'),
  max_output_tokens: z.int().describe('The most tokens it answers'),
  wallet_tokens_per_1000: tokenRates.describe(
    'Wallet tokens charged for 1,000 tokens of the first provider’s, by class',
  ),
});
export type Model = z.infer<typeof model>;

/**
 * What a streamed run sends, one server-sent event each: pieces of the answer, then either the finished execution or the error
 * that ended it. `reasoning` is what the model thought aloud: paid for, and no part of the answer.
 */
export const executionEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text').describe('The answer goes on'),
    text: z.string().describe('A piece of the answer'),
  }),
  z.object({
    type: z.literal('reasoning').describe('The model thinks aloud'),
    text: z.string().describe('A piece of what the model thought aloud: paid for, and no part of the answer'),
  }),
  z.object({
    type: z.literal('tool_call').describe('A call of a tool begins'),
    index: z.int().min(0).describe('Which call of the answer, from 0'),
    id: z.string().describe('Which call this is, as the model named it'),
    name: z.string().describe('Name of the tool'),
  }),
  z.object({
    type: z.literal('tool_arguments').describe('The arguments of a call go on'),
    index: z.int().min(0).describe('Which call of the answer, from 0'),
    json: z.string().describe('A piece of its arguments: JSON when put together'),
  }),
  z.object({
    type: z.literal('execution').describe('The end: it succeeded'),
    execution: createExecutionResponse.describe('The finished execution: nothing follows'),
  }),
  z.object({
    type: z.literal('error').describe('The end: it failed'),
    error: errorResponse.shape.error.describe('What ended it: nothing follows'),
  }),
]);
export type ExecutionEvent = z.infer<typeof executionEvent>;
