import { z } from 'zod';
import { microUsd, positiveWalletTokens, walletTokens } from '../amounts.ts';
import { modelKind } from '../catalog/model-kinds.ts';
import { askedModel, fallbackModels, routing } from '../catalog/model-routing.ts';
import { rates, shownPrice } from '../catalog/price.ts';
import {
  answerExtras,
  chatMessage,
  chatOptions,
  contentPart,
  endDetails,
  reasoningPart,
  toolCall,
} from '../chat/chat.ts';
import { cache_control, TEXT_MAX } from '../chat/chat-parts.ts';
import { errorResponse } from '../errors.ts';
import { resourceId } from '../resource-id.ts';
import { cacheHit } from '../tenants/response-cache.ts';
import { attemptReceipt, providerKind, usage, usageSource } from '../usage.ts';
import { fileReference } from '../v1/file-id.ts';
import { governingPolicy } from '../wallet/wallet-policy.ts';
import { userSummary } from './tenant/users.ts';
import { ledgerItem } from './wallet.ts';

const [system, user, assistant, tool] = chatMessage.options;

/** Accepts a plain text in place of one text part. */
const textOr = <Parts extends z.ZodType>(parts: Parts) =>
  z.union([z.string().min(1).max(TEXT_MAX), parts]).describe(parts.description ?? '');

/** An uploaded file, which becomes the part that its type makes of it. */
const filePart = z
  .strictObject({
    type: z.literal('file').describe('An uploaded file: a PDF, a text, an image or a recording.'),
    file_id: fileReference.describe('The id of the file, from `POST /v1/files`.'),
    cache_control,
  })
  .meta({ id: 'FilePart' });

const parts = z.array(z.discriminatedUnion('type', [...contentPart.options, filePart])).min(1);

/** One message of a conversation: text, parts of text and images, tool calls, or a tool's result. */
export const message = z
  .discriminatedUnion('role', [
    system.extend({ content: textOr(system.shape.content) }),
    user.extend({
      content: textOr(parts.describe('The message: texts, images, documents, audio and files.')),
    }),
    assistant.extend({ content: textOr(assistant.shape.content) }),
    tool.extend({ content: textOr(parts.describe(tool.shape.content.description ?? '')) }),
  ])
  .meta({ id: 'Message' });
export type Message = z.infer<typeof message>;

/** The largest output limit of a request, in tokens. A model's own limit is lower. */
export const OUTPUT_TOKENS_MAX = 1_000_000;

/** Creates an execution from either a prompt or messages. */
export const createExecutionRequest = z
  .strictObject({
    model: askedModel.describe('The name of a model from `GET /api/ai/models`, or one of its aliases.'),
    models: fallbackModels.optional(),
    prompt: z
      .string()
      .min(1)
      .max(TEXT_MAX)
      .optional()
      .describe('A prompt: the same as `messages` with one user message.'),
    messages: z
      .array(message)
      .min(1)
      .optional()
      .describe(
        'The conversation, oldest message first. The last message must come from the user or a tool.',
      ),
    max_output_tokens: z
      .int()
      .min(1)
      .max(OUTPUT_TOKENS_MAX)
      .optional()
      .describe(
        "The largest answer, in tokens, reasoning included. Defaults to the tenant's default limit, or else to the model's, or less where all of it is held from the start.",
      ),
    ...chatOptions.omit({ messages: true, extra: true, betas: true }).shape,
    stream: z
      .boolean()
      .optional()
      .describe('If true, the answer is streamed as server-sent events. Defaults to false.'),
    fit_to_balance: z
      .boolean()
      .optional()
      .describe(
        'If the balance is too low for the output limit, the limit is lowered to fit the balance, and the response shows the new limit. Send false, or the header `X-Fit-To-Balance: false`, to be refused instead. Defaults to the setting `fits_to_balance` of the tenant.',
      ),
    background: z
      .boolean()
      .optional()
      .describe(
        'If true, the request returns 202 at once and the execution runs in the background for up to one hour. Fetch the result by its id. Defaults to false.',
      ),
    fallback: z
      .literal('background')
      .optional()
      .describe(
        'With `background`, the execution continues in the background when every provider has failed, with the same reservation.',
      ),
  })
  .refine(({ stream, background, fallback }) => !stream || !(background || fallback), {
    path: ['stream'],
    message: 'A background execution cannot be streamed',
  })
  .refine((body) => (body.prompt === undefined) !== (body.messages === undefined), {
    path: ['prompt'],
    message: 'Send either prompt or messages',
  })
  .refine(({ messages }) => messages === undefined || /user|tool/.test(messages.at(-1)?.role ?? ''), {
    path: ['messages'],
    message: 'The last message must come from the user or a tool',
  })
  .meta({ id: 'CreateExecutionRequest' });
export type CreateExecutionRequest = z.infer<typeof createExecutionRequest>;

/** The longest answer stored for an Idempotency-Key, in characters of JSON. */
export const KEPT_ANSWER_MAX = 500_000;

/** The status of an execution. All but `running` are final. */
export const executionStatus = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'expired']).meta({
  id: 'ExecutionStatus',
  description:
    '`running`: not finished; `succeeded`: answered; `failed`: not answered and not charged; `cancelled`: stopped by the client; `expired`: not settled before the deadline and not charged.',
});

/** An execution, running or finished, with its cost. The answer is null unless this response delivers it or the tenant stores it. */
export const execution = z
  .object({
    id: resourceId.describe('The id of the execution.'),
    task: z
      .string()
      .describe(
        'The kind of task, named after the kind of model that runs it: `chat`, `embedding`, `image`, `speech`, `transcription` or `moderation`.',
      ),
    user_id: resourceId.describe('The id of the user it belongs to.'),
    model: z
      .string()
      .describe('The public name of the model that answered, or of the first one asked if none has.'),
    routing: routing
      .nullable()
      .describe(
        'The names that were asked for and the choice among providers. Null if it was the one name in `model`, whose providers are tried by priority.',
      ),
    status: executionStatus.describe('The status.'),
    output_text: z
      .string()
      .nullable()
      .describe('The answer. Null unless this response delivers it or the tenant stores it.'),
    tool_calls: z
      .array(toolCall)
      .nullable()
      .describe(
        'The tool calls in the answer. Null unless this response delivers them or the tenant stores them.',
      ),
    finish_reason: z
      .enum(['stop', 'length', 'content_filter', 'tool_calls'])
      .nullable()
      .describe(
        'The reason the answer ended: `stop`: it is complete; `length`: it reached the output limit; `content_filter`: a filter stopped it; `tool_calls`: it asks for tool calls.',
      ),
    provider: z
      .object({
        name: z.string().describe('The display name.'),
        model: z.string().describe("The provider's name of the model."),
      })
      .nullable()
      .describe('The provider that answered. Null if none did.'),
    usage: usage.nullable().describe('Provider tokens used, by usage class.'),
    usage_source: usageSource.nullable().describe('The source of the usage figures.'),
    tokens_reserved: walletTokens.describe('Wallet tokens reserved for the execution: the most it can cost.'),
    tokens_charged: walletTokens.describe('Wallet tokens charged.'),
    shortfall: positiveWalletTokens
      .nullable()
      .describe(
        'Wallet tokens that were missing when the execution started. With `hard` enforcement it would have been refused. Null if none were missing.',
      ),
    cost_micro_usd: microUsd
      .optional()
      .describe(
        "The provider's list price of the execution, in micro-USD. Absent for users, unless the tenant shows them provider cost.",
      ),
    price_version: z
      .int()
      .nullable()
      .describe(
        'The version of the price. While the execution runs, the version of its first candidate. `price` has the list and the rates.',
      ),
    price: shownPrice
      .nullable()
      .describe(
        'The price that was applied. The charge is the sum of tokens times rate over all usage classes, rounded up once; of an answer from the response cache, the percentage in `response_cache` of it. Null if nothing was used, and for executions from before prices were recorded.',
      ),
    response_cache: cacheHit
      .nullable()
      .describe(
        'The record of an answer from the response cache, which calls no provider. Null if it was not answered from there.',
      ),
    attempts: z.array(attemptReceipt).describe('The provider calls, in order.'),
    error_code: z
      .string()
      .nullable()
      .describe('The reason for a failure or an incomplete answer. Null if the execution succeeded.'),
    created_at: z.iso.datetime().describe('The time the execution started.'),
    finished_at: z.iso.datetime().nullable().describe('The time the execution ended. Null while it runs.'),
  })
  .meta({ id: 'Execution' });
export type Execution = z.infer<typeof execution>;

/** An execution in a list, with its user. */
export const executionListItem = execution
  .extend({
    wholesale_micro_usd: microUsd.nullable().describe("The tenant's cost. Null for users, or if unknown."),
    user: userSummary.describe('The user it belongs to.'),
  })
  .meta({ id: 'ExecutionListItem' });
export type ExecutionListItem = z.infer<typeof executionListItem>;

/**
 * An execution with its receipt: its effect on the wallet, with the ledger entries. The final figures are null while it runs and
 * until the ledger has them, which takes seconds.
 */
export const executionReceipt = execution
  .extend({
    wholesale_micro_usd: executionListItem.shape.wholesale_micro_usd,
    first_token_ms: z
      .int()
      .min(0)
      .nullable()
      .describe(
        'The time from the start to the first piece of the answer, in milliseconds. Null if the answer was not streamed.',
      ),
    tokens_released: walletTokens.nullable().describe('Reserved wallet tokens that were released.'),
    overage: walletTokens
      .nullable()
      .describe('Wallet tokens charged beyond the balance, where the policy allows overage.'),
    balance_after: walletTokens.nullable().describe('Wallet tokens available afterwards.'),
    policy: governingPolicy
      .extend({
        version: z.int().min(0).describe("The time of the policy's last change, in microseconds since 1970."),
      })
      .nullable()
      .describe(
        'The policy that allowed the execution. `version` is the time of its last change, in microseconds since 1970.',
      ),
    ledger: z.array(ledgerItem).describe('The ledger entries of the execution.'),
  })
  .meta({ id: 'ExecutionReceipt' });
export type ExecutionReceipt = z.infer<typeof executionReceipt>;

/** The stored prompt and answer, for the user alone. Null if not stored. */
export const keptContent = z
  .object({
    messages: z.array(chatMessage).nullable().describe('The conversation that was sent.'),
    output_text: z.string().nullable().describe('The text of the answer.'),
    tool_calls: z.array(toolCall).nullable().describe('The tool calls in the answer.'),
  })
  .meta({ id: 'ExecutionContent' });
export type KeptContent = z.infer<typeof keptContent>;

/** A finished execution of any task, without its output, and the balance after it. */
export const finishedExecution = execution.omit({ output_text: true, tool_calls: true }).extend({
  fitted_max_output_tokens: z
    .int()
    .min(1)
    .nullable()
    .describe('The output limit that fits the balance. Null if the limit was not lowered.'),
  balance_after: walletTokens.describe('Wallet tokens available afterwards.'),
});
export type FinishedExecution = z.infer<typeof finishedExecution>;

/** A finished execution with its answer and the balance after it. */
export const createExecutionResponse = execution
  .extend({
    output_text: z.string().describe('The text of the answer.'),
    tool_calls: z.array(toolCall).describe('The tool calls in the answer.'),
    ...answerExtras,
    ...endDetails,
    fitted_max_output_tokens: finishedExecution.shape.fitted_max_output_tokens,
    balance_after: finishedExecution.shape.balance_after,
  })
  .meta({ id: 'CompletedExecution' });
export type CreateExecutionResponse = z.infer<typeof createExecutionResponse>;

/** A model the user can call, by its public name, with the price of its first candidate. */
export const model = z
  .object({
    name: z.string().describe('The name of the model. Send it as `model`.'),
    kind: modelKind.describe(
      'The kind of model, which decides the endpoint that takes it: `chat`: chat completions, messages and responses; `embedding`: embeddings; `image`: images; `speech`: speech; `transcription`: transcriptions; `moderation`: moderations.',
    ),
    aliases: z.array(z.string()).describe('Further names that you can send as `model`.'),
    providers: z
      .array(
        z.object({
          kind: providerKind.describe("The provider's protocol."),
          name: z.string().describe('The display name.'),
          simulated: z.boolean().describe('True if a local simulator stands in for the provider.'),
        }),
      )
      .describe('The providers that can answer, in order of failover.'),
    context_window_tokens: z.int().describe('The context window, in tokens: prompt and answer together.'),
    max_output_tokens: z.int().describe('The largest answer, in tokens.'),
    created_at: z.iso.datetime().describe('The time it was added.'),
    wallet_tokens_per_1000: rates.describe(
      'Wallet tokens per 1,000 tokens of the first provider, by usage class.',
    ),
  })
  .meta({ id: 'Model' });
export type Model = z.infer<typeof model>;

/** One event of a streamed execution: pieces of the answer, then either the finished execution or the error that ended it. */
export const executionEvent = z
  .discriminatedUnion('type', [
    z
      .object({
        type: z.literal('text').describe('A piece of the answer.'),
        text: z.string().describe('The piece, to be appended to the pieces before it.'),
      })
      .meta({ id: 'ExecutionTextEvent' }),
    z
      .object({
        type: z.literal('reasoning').describe("A piece of the model's reasoning, billed as output."),
        ...reasoningPart.shape,
      })
      .meta({ id: 'ExecutionReasoningEvent' }),
    z
      .object({
        type: z.literal('tool_call').describe('The start of a tool call.'),
        index: z.int().min(0).describe('The position of the call in the answer, from 0.'),
        id: z.string().describe('The id of the call, as the model gave it.'),
        name: z.string().describe('The name of the tool.'),
        extra_content: toolCall.shape.extra_content,
      })
      .meta({ id: 'ExecutionToolCallEvent' }),
    z
      .object({
        type: z.literal('tool_arguments').describe("A piece of a tool call's arguments."),
        index: z.int().min(0).describe('The position of the call in the answer, from 0.'),
        json: z.string().describe('The piece. All pieces of a call together are JSON.'),
      })
      .meta({ id: 'ExecutionToolArgumentsEvent' }),
    z
      .object({
        type: z.literal('execution').describe('The last event of an execution that succeeded.'),
        execution: createExecutionResponse.describe('The finished execution.'),
      })
      .meta({ id: 'ExecutionFinishedEvent' }),
    z
      .object({
        type: z.literal('error').describe('The last event of an execution that failed.'),
        error: errorResponse.shape.error,
      })
      .meta({ id: 'ExecutionErrorEvent' }),
  ])
  .meta({ id: 'ExecutionEvent' });
export type ExecutionEvent = z.infer<typeof executionEvent>;
