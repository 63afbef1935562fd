import { z } from 'zod';
import { answerRefusal } from '../chat/chat.ts';
import { appliedEdit } from '../chat/context-edits.ts';

/** The answers, stream events and errors of Anthropic's Messages API. */

const count = z.int().min(0);

/** Usage as Anthropic counts it: the classes of the prompt are disjoint, thinking is part of the output. */
export const anthropicUsage = z
  .object({
    input_tokens: count.describe('Prompt tokens that no cache holds.'),
    cache_creation_input_tokens: count.describe('Prompt tokens written to a cache.'),
    cache_creation: z
      .object({
        ephemeral_5m_input_tokens: count.describe(
          'Those that it keeps for five minutes, or that no provider tells apart.',
        ),
        ephemeral_1h_input_tokens: count.describe('Those that it keeps for an hour.'),
      })
      .describe('The tokens written to a cache, by their lifetime.'),
    cache_read_input_tokens: count.describe('Prompt tokens read from a cache.'),
    output_tokens: count.describe('Tokens of the answer, reasoning included.'),
    output_tokens_details: z
      .object({ thinking_tokens: count.describe('Reasoning tokens, which are part of the answer.') })
      .describe('Details of the output tokens.'),
  })
  .meta({ id: 'MessageUsage' });
export type AnthropicUsage = z.infer<typeof anthropicUsage>;

/** The edits that the provider made to the conversation. */
const contextManagement = z
  .object({ applied_edits: z.array(appliedEdit).describe('The edits that were made.') })
  .optional()
  .describe('The edits that the provider made to the conversation. Missing if it tells none.');

/** A complete answer. */
export const anthropicMessage = z
  .object({
    id: z
      .string()
      .describe('`msg_` and the id of the execution. Its receipt is at `/api/ai/executions/{id}`.'),
    type: z.literal('message').describe('The type of the object.'),
    role: z.literal('assistant').describe('A message from the model.'),
    model: z.string().describe('The model you asked for.'),
    content: z
      .array(
        z.discriminatedUnion('type', [
          z.object({
            type: z.literal('text').describe('A text.'),
            text: z.string().describe('The text of the answer.'),
            citations: z.null().describe('Always null.'),
          }),
          z.object({
            type: z.literal('tool_use').describe('A tool call.'),
            id: z.string().describe("The id of the call. Send it with the tool's result."),
            name: z.string().describe('The name of the tool.'),
            input: z.record(z.string(), z.unknown()).describe('The arguments.'),
          }),
          z.object({
            type: z.literal('thinking').describe("The model's reasoning."),
            thinking: z.string().describe('The reasoning. Empty if the provider does not show it.'),
            signature: z
              .string()
              .describe("The provider's signature. Empty if it gives none. Send it back with the block."),
          }),
          z.object({
            type: z.literal('redacted_thinking').describe("The model's reasoning, encrypted."),
            data: z.string().describe('The reasoning. Send it back with the block.'),
          }),
        ]),
      )
      .describe('The blocks of the answer: reasoning, text and tool calls.'),
    stop_reason: z
      .enum([
        'end_turn',
        'max_tokens',
        'stop_sequence',
        'tool_use',
        'pause_turn',
        'refusal',
        'model_context_window_exceeded',
      ])
      .nullable()
      .describe(
        'The reason the answer ended: `end_turn`: it is complete; `max_tokens`: it reached the output limit; `stop_sequence`: it reached one of your sequences, and the provider says which; `tool_use`: it asks for tool calls; `pause_turn`: the provider paused a long turn, and continues it if you send the answer back; `refusal`: a filter stopped it; `model_context_window_exceeded`: the context window of the model is full.',
      ),
    stop_sequence: z
      .string()
      .nullable()
      .describe('The sequence that ended the answer. Null if none did, or if the provider does not tell it.'),
    stop_details: answerRefusal
      .extend({ type: z.literal('refusal').describe('The details of a refusal.') })
      .meta({ id: 'MessageStopDetails' })
      .nullable()
      .describe('The reason of a refusal. Null if there was none, or if the provider does not tell it.'),
    context_management: contextManagement,
    usage: anthropicUsage.describe('Provider tokens used.'),
  })
  .meta({ id: 'AnthropicMessage' });
export type AnthropicMessage = z.infer<typeof anthropicMessage>;

/** The number of input tokens of a request. */
export const messageTokensCount = z
  .object({
    input_tokens: count.describe('The input tokens. The header `X-Input-Tokens-Source` says who counted.'),
  })
  .meta({ id: 'MessageTokensCount' });

/** The error response of `/v1/messages`, in Anthropic's format. */
export const anthropicError = z
  .object({
    type: z.literal('error').describe('The type of the object.'),
    error: z
      .object({
        type: z
          .enum([
            'invalid_request_error',
            'authentication_error',
            'billing_error',
            'permission_error',
            'not_found_error',
            'request_too_large',
            'rate_limit_error',
            'overloaded_error',
            'api_error',
          ])
          .describe('The type of error, by HTTP status.'),
        message: z.string().describe('A sentence for people: the problem and how to fix it.'),
        details: z
          .looseObject({ error_code: z.string().describe('The error code.') })
          .describe('The fields and their rules, or the limit with its scope and the time it resets.'),
      })
      .describe('The error.'),
    request_id: z.string().describe('The id of the request. Quote it when you ask for help.'),
  })
  .meta({ id: 'AnthropicError' });
export type AnthropicError = z.infer<typeof anthropicError>;

const blockIndex = count.describe("The position of the block in the message's content, from 0.");

/** One event of a streamed answer, the data of a server-sent event whose name is the event's `type`. */
export const messageStreamEvent = z
  .discriminatedUnion('type', [
    z
      .object({
        type: z.literal('message_start').describe('The first event.'),
        message: anthropicMessage.describe(
          'The message without content. Its usage is that of the prompt as the provider told it, else an estimate. That of the `message_delta` event counts.',
        ),
      })
      .meta({ id: 'MessageStartEvent' }),
    z
      .object({ type: z.literal('ping').describe('An event without meaning.') })
      .meta({ id: 'MessagePingEvent' }),
    z
      .object({
        type: z.literal('content_block_start').describe('The start of a block.'),
        index: blockIndex,
        content_block: z
          .discriminatedUnion('type', [
            z
              .object({
                type: z.literal('text').describe('A text.'),
                text: z.string().describe('Always empty: the text follows in deltas.'),
              })
              .meta({ id: 'MessageTextBlockStart' }),
            z
              .object({
                type: z.literal('tool_use').describe('A tool call.'),
                id: z.string().describe('The id of the call.'),
                name: z.string().describe('The name of the tool.'),
                input: z
                  .record(z.string(), z.unknown())
                  .describe('Always empty: the arguments follow in deltas.'),
              })
              .meta({ id: 'MessageToolUseBlockStart' }),
            z
              .object({
                type: z.literal('thinking').describe("The model's reasoning."),
                thinking: z.string().describe('Always empty: the reasoning follows in deltas.'),
                signature: z.string().describe('Always empty: the signature follows in a delta.'),
              })
              .meta({ id: 'MessageThinkingBlockStart' }),
            z
              .object({
                type: z.literal('redacted_thinking').describe("The model's reasoning, encrypted."),
                data: z.string().describe('The reasoning.'),
              })
              .meta({ id: 'MessageRedactedThinkingBlockStart' }),
          ])
          .meta({ id: 'MessageBlockStart', description: 'The block without its content.' }),
      })
      .meta({ id: 'MessageContentBlockStartEvent' }),
    z
      .object({
        type: z.literal('content_block_delta').describe('A piece of a block.'),
        index: blockIndex,
        delta: z
          .discriminatedUnion('type', [
            z
              .object({
                type: z.literal('text_delta').describe('A piece of text.'),
                text: z.string().describe('The piece.'),
              })
              .meta({ id: 'MessageTextDelta' }),
            z
              .object({
                type: z.literal('input_json_delta').describe("A piece of a tool call's arguments."),
                partial_json: z.string().describe('The piece. All pieces of a block together are JSON.'),
              })
              .meta({ id: 'MessageInputJsonDelta' }),
            z
              .object({
                type: z.literal('thinking_delta').describe('A piece of reasoning.'),
                thinking: z.string().describe('The piece.'),
              })
              .meta({ id: 'MessageThinkingDelta' }),
            z
              .object({
                type: z.literal('signature_delta').describe("The provider's signature of the reasoning."),
                signature: z.string().describe('The signature.'),
              })
              .meta({ id: 'MessageSignatureDelta' }),
          ])
          .meta({ id: 'MessageBlockDelta', description: 'The piece.' }),
      })
      .meta({ id: 'MessageContentBlockDeltaEvent' }),
    z
      .object({
        type: z.literal('content_block_stop').describe('The end of a block.'),
        index: blockIndex,
      })
      .meta({ id: 'MessageContentBlockStopEvent' }),
    z
      .object({
        type: z.literal('message_delta').describe('The event before the last.'),
        delta: anthropicMessage
          .pick({ stop_reason: true, stop_sequence: true, stop_details: true })
          .meta({ id: 'MessageDelta', description: 'The reason the answer ended.' }),
        context_management: contextManagement,
        usage: anthropicUsage
          .omit({ cache_creation: true })
          .meta({ id: 'MessageDeltaUsage', description: "The usage, in the provider's tokens." }),
      })
      .meta({ id: 'MessageDeltaEvent' }),
    z
      .object({ type: z.literal('message_stop').describe('The last event of a whole answer.') })
      .meta({ id: 'MessageStopEvent' }),
    anthropicError,
  ])
  .meta({ id: 'MessageStreamEvent' });
export type MessageStreamEvent = z.infer<typeof messageStreamEvent>;
