import { z } from 'zod';
import { responseOutputItem, responseOutputPart } from './responses-items.ts';

/** The answers and stream events of OpenAI's Responses API. */

const count = z.int().min(0);

export const responseUsage = z
  .object({
    input_tokens: count.describe('Tokens of the prompt.'),
    input_tokens_details: z
      .object({
        cached_tokens: count.describe('Prompt tokens read from a cache.'),
        cache_write_tokens: count.describe('Prompt tokens written to a cache.'),
      })
      .describe('Details of the input tokens.'),
    output_tokens: count.describe('Tokens of the answer, reasoning included.'),
    output_tokens_details: z
      .object({ reasoning_tokens: count.describe('Reasoning tokens, which are part of the answer.') })
      .describe('Details of the output tokens.'),
    total_tokens: count.describe('Input and output together.'),
  })
  .meta({ id: 'ResponseUsage' });
export type ResponseUsage = z.infer<typeof responseUsage>;

export const responseStatus = z.enum([
  'queued',
  'in_progress',
  'completed',
  'incomplete',
  'failed',
  'cancelled',
]);

/** A response. The fields of the request are repeated as they were sent. */
export const openAiResponse = z
  .object({
    id: z
      .string()
      .describe('`resp_` and the id of the execution. Its receipt is at `/api/ai/executions/{id}`.'),
    object: z.literal('response').describe('The type of the object.'),
    created_at: z.int().describe('The time of the request, in seconds since 1970.'),
    completed_at: z.int().nullable().describe('The time of the end, in seconds since 1970.'),
    status: responseStatus.describe(
      '`completed`, or `incomplete` if the output limit or a filter ended the answer.',
    ),
    error: z
      .object({
        code: z.string().describe('The code of the error.'),
        message: z.string().describe('An explanation for people.'),
      })
      .nullable()
      .describe('The error of a response that failed.'),
    incomplete_details: z
      .object({
        reason: z
          .enum(['max_output_tokens', 'content_filter'])
          .describe('The limit or the filter that ended the answer.'),
      })
      .nullable()
      .describe('The reason why the answer is incomplete.'),
    model: z.string().describe('The public name of the model that answers.'),
    output: z.array(responseOutputItem).describe('The answer: reasoning, messages and calls of tools.'),
    usage: responseUsage.nullable().describe('The tokens that were used. Null until the end.'),
    instructions: z.string().nullable().describe('As you sent it.'),
    max_output_tokens: z.int().nullable().describe('As you sent it.'),
    metadata: z.record(z.string(), z.string()).describe('As you sent it.'),
    parallel_tool_calls: z.boolean().describe('As you sent it; true by default.'),
    previous_response_id: z.string().nullable().describe('As you sent it.'),
    reasoning: z.record(z.string(), z.unknown()).describe('As you sent it.'),
    store: z.boolean().describe('True if the response is kept.'),
    temperature: z.number().nullable().describe('As you sent it.'),
    text: z.record(z.string(), z.unknown()).describe('As you sent it.'),
    tool_choice: z.unknown().describe('As you sent it; `auto` by default.'),
    tools: z.array(z.unknown()).describe('As you sent them, without those that were passed over.'),
    top_p: z.number().nullable().describe('As you sent it.'),
    truncation: z.literal('disabled').describe('Nothing is left out of the input.'),
  })
  .meta({ id: 'Response' });
export type OpenAiResponse = z.infer<typeof openAiResponse>;

const numbered = { sequence_number: count.describe('The number of the event in its stream.') };
const item_id = z.string().describe('The id of the item.');
const output_index = count.describe('The place of the item in the output.');
const ofItem = { item_id, output_index };
const ofPart = { ...ofItem, content_index: count.describe('The place of the part in the item.') };
const ofSummary = { ...ofItem, summary_index: count.describe('The place of the part in the summary.') };
const delta = z.string().describe('The next piece.');
const text = z.string().describe('The whole text.');
const logprobs = z.array(z.unknown()).describe('Always empty.');
const response = openAiResponse.describe('The response, as far as it is.');
const item = responseOutputItem.describe('The item, as far as it is.');
const part = responseOutputPart.describe('The part, as far as it is.');
const summaryPart = z
  .object({ type: z.literal('summary_text').describe('A text.'), text })
  .describe('The part, as far as it is.');

const event = <Name extends string, Fields extends z.ZodRawShape>(type: Name, fields: Fields) =>
  z.object({ type: z.literal(type).describe('The name of the event.'), ...numbered, ...fields });

/** An event of a stream. The first has the response without output, the last the whole. */
export const responseStreamEvent = z
  .discriminatedUnion('type', [
    event('response.created', { response }),
    event('response.in_progress', { response }),
    event('response.completed', { response }),
    event('response.incomplete', { response }),
    event('response.failed', { response }),
    event('response.output_item.added', { output_index, item }),
    event('response.output_item.done', { output_index, item }),
    event('response.content_part.added', { ...ofPart, part }),
    event('response.content_part.done', { ...ofPart, part }),
    event('response.output_text.delta', { ...ofPart, delta, logprobs }),
    event('response.output_text.done', { ...ofPart, text, logprobs }),
    event('response.refusal.delta', { ...ofPart, delta }),
    event('response.refusal.done', { ...ofPart, refusal: text }),
    event('response.function_call_arguments.delta', { ...ofItem, delta }),
    event('response.function_call_arguments.done', {
      ...ofItem,
      name: z.string().describe('The name of the tool.'),
      arguments: z.string().describe('The whole arguments.'),
    }),
    event('response.custom_tool_call_input.delta', { ...ofItem, delta }),
    event('response.custom_tool_call_input.done', { ...ofItem, input: text }),
    event('response.reasoning_summary_part.added', { ...ofSummary, part: summaryPart }),
    event('response.reasoning_summary_part.done', { ...ofSummary, part: summaryPart }),
    event('response.reasoning_summary_text.delta', { ...ofSummary, delta }),
    event('response.reasoning_summary_text.done', { ...ofSummary, text }),
  ])
  .meta({ id: 'ResponseStreamEvent' });
export type ResponseStreamEvent = z.infer<typeof responseStreamEvent>;

/** A response that was deleted. */
export const responseDeleted = z
  .object({
    id: z.string().describe('The id of the response.'),
    object: z.literal('response').describe('The type of the object.'),
    deleted: z.literal(true).describe('Always true.'),
  })
  .meta({ id: 'ResponseDeleted' });

const shown = { id: z.string().describe('The id of the item.') };
const shownPart = z.record(z.string(), z.unknown());

/** An item of the input of a kept response, as it was understood. */
export const responseInputShown = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('message').describe('A message.'),
      ...shown,
      role: z.enum(['user', 'assistant', 'system']).describe('The author of the message.'),
      status: z.literal('completed').describe('Always `completed`.'),
      content: z.array(shownPart).describe('The parts of the message.'),
    }),
    z.object({
      type: z.literal('function_call').describe('A call of a tool.'),
      ...shown,
      call_id: z.string().describe('The id of the call.'),
      name: z.string().describe('The name of the tool.'),
      arguments: z.string().describe('The arguments as the model wrote them.'),
      status: z.literal('completed').describe('Always `completed`.'),
    }),
    z.object({
      type: z.literal('function_call_output').describe('The result of a tool.'),
      ...shown,
      call_id: z.string().describe('The id of the call.'),
      output: z.array(shownPart).describe('The parts of the result.'),
      status: z.literal('completed').describe('Always `completed`.'),
    }),
  ])
  .meta({ id: 'ResponseShownItem' });
export type ResponseInputShown = z.infer<typeof responseInputShown>;

/** The items of the input of a kept response. */
export const responseInputList = z
  .object({
    object: z.literal('list').describe('The type of the object.'),
    data: z.array(responseInputShown).describe('All items.'),
    first_id: z.string().nullable().describe('The id of the first item. Null without one.'),
    last_id: z.string().nullable().describe('The id of the last item. Null without one.'),
    has_more: z.literal(false).describe('Always false: all items are on one page.'),
  })
  .meta({ id: 'ResponseInputList' });
export type ResponseInputList = z.infer<typeof responseInputList>;
