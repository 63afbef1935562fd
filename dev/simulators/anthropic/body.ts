import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { SimulatedPrompt, SimulatedTurn } from '../answer.ts';
import { describeIssues, type ParsedRequest } from '../simulated-api.ts';
import { contextManagement, edited } from './context-edits.ts';
import { markError } from './prompt.ts';
import {
  forgedThinking,
  previewError,
  redactedThinkingBlock,
  thinkingBlock,
  thinkingOf,
  thinkingParam,
} from './thinking.ts';

/** Request bodies of Anthropic's Messages API: their schema, and their translation to a simulated prompt. */

const textBlock = z.object({
  type: z.literal('text'),
  text: z.string().regex(/\S/, 'must be non-whitespace'),
});
const imageBlock = z.object({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('base64'),
      media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
      data: z.base64(),
    }),
    z.object({ type: z.literal('url'), url: z.url() }),
  ]),
});
const documentBlock = z.object({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.base64() }),
    z.object({ type: z.literal('url'), url: z.url() }),
  ]),
  title: z.string().min(1).max(500).optional(),
});
const callId = z.string().regex(/^[\w-]+$/);
const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: callId,
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: callId,
  content: z
    .union([z.string(), z.array(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock]))])
    .default(''),
  is_error: z.boolean().optional(),
});
const block = z.discriminatedUnion('type', [
  textBlock,
  imageBlock,
  documentBlock,
  toolUseBlock,
  toolResultBlock,
  thinkingBlock,
  redactedThinkingBlock,
]);
type Block = z.infer<typeof block>;
const message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string().regex(/\S/), z.array(block).min(1)]),
});
type Message = z.infer<typeof message>;
const jsonSchema = z.record(z.string(), z.unknown());
const answerFormat = z.object({ type: z.literal('json_schema'), schema: jsonSchema });
const one = { disable_parallel_tool_use: z.boolean().default(false) };
const body = z.object({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  messages: z.array(message).min(1),
  stream: z.boolean().optional(),
  tools: z
    .array(
      z.object({
        name: z.string().regex(/^[\w-]{1,128}$/),
        description: z.string().default(''),
        input_schema: jsonSchema.refine(({ type }) => type === 'object', 'type must be object'),
      }),
    )
    .default([]),
  tool_choice: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('auto'), ...one }),
      z.object({ type: z.literal('any'), ...one }),
      z.object({ type: z.literal('tool'), name: z.string(), ...one }),
      z.object({ type: z.literal('none') }),
    ])
    .default({ type: 'auto', disable_parallel_tool_use: false }),
  thinking: thinkingParam.optional(),
  context_management: contextManagement.optional(),
  output_config: z.object({ format: answerFormat.optional() }).default({}),
  /** The older name of `output_config.format`, which is still taken. */
  output_format: answerFormat.optional(),
});

const plain = (content: string | { text: string }[]): string =>
  typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');

/** The highest token count of an image at models of the standard tier. */
const IMAGE_TOKENS = 1_568;
/** The token count of a PDF with one page. */
const DOCUMENT_TOKENS = 2_000;

function textOfBlock(content: Block): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'image':
    case 'document':
      return '';
    case 'thinking':
      return content.thinking;
    case 'redacted_thinking':
      return content.data;
    case 'tool_use':
      return content.name + JSON.stringify(content.input);
    case 'tool_result':
      return typeof content.content === 'string'
        ? content.content
        : content.content.map(textOfBlock).filter(Boolean).join('\n');
  }
}

/** Splits a message into turns: tool results come first, as a turn of their own. */
function turnsOf({ role, content }: Message): SimulatedTurn[] {
  if (typeof content === 'string') return [{ role, text: content }];
  const results = content.filter(({ type }) => type === 'tool_result');
  const others = content.filter(({ type }) => type !== 'tool_result');
  const joined = (blocks: Block[]) => blocks.map(textOfBlock).join('\n');
  return [
    ...(results.length > 0 ? [{ role, text: joined(results), is_tool_result: true }] : []),
    ...(others.length > 0
      ? [
          {
            role,
            text: joined(others.filter(({ type }) => type !== 'image' && type !== 'document')),
            image_tokens: others.filter(({ type }) => type === 'image').map(() => IMAGE_TOKENS),
            document_tokens: others.filter(({ type }) => type === 'document').map(() => DOCUMENT_TOKENS),
          },
        ]
      : []),
  ];
}

/** The models that take instructions between turns. */
const takesInstructions = /opus-(4-8|[5-9])|fable|mythos/;

/** Returns the error of instructions that the model does not take, or that stand in another place than after a turn of the user; else null. */
function misplacedInstructions(messages: Message[], model: string): string | null {
  const roles = messages.map(({ role }) => role);
  if (!roles.includes('system')) return null;
  if (!takesInstructions.test(model)) return "role 'system' is not supported on this model";
  const isWrong = (at: number) =>
    roles[at - 1] !== 'user' || ![undefined, 'assistant'].includes(roles[at + 1]);
  return roles.some((role, at) => role === 'system' && isWrong(at))
    ? "role 'system' must follow a user turn, and be last or before an assistant turn"
    : null;
}

/** Returns the error of a tool result without a call in the previous message, or null. */
function strayToolResult(messages: Message[]): string | null {
  let called: string[] = [];
  for (const { content } of messages) {
    const blocks = typeof content === 'string' ? [] : content;
    const answered = blocks.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : []));
    if (answered.some((id) => !called.includes(id)))
      return 'unexpected `tool_use_id` found in `tool_result` blocks: no corresponding `tool_use` block in the previous message';
    if (called.some((id) => !answered.includes(id)))
      return '`tool_use` ids were found without `tool_result` blocks immediately after';
    called = blocks.flatMap((one) => (one.type === 'tool_use' ? [one.id] : []));
  }
  return null;
}

function toolChoiceOf(choice: z.infer<typeof body>['tool_choice']): SimulatedPrompt['tool_choice'] {
  if (choice.type === 'tool') return { name: choice.name };
  return choice.type === 'any' ? 'required' : choice.type;
}

/** The body of a count: a request without the fields that say how to answer. Others are refused. */
const countedBody = body.omit({ max_tokens: true, stream: true }).strict();

/** Reads and checks a request to count. */
export function readCountRequest(raw: unknown, headers: IncomingHttpHeaders): ParsedRequest {
  const parsed = countedBody.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  return readMessageRequest({ ...Object(raw), max_tokens: 1 }, headers, false);
}

/** Reads and checks a request. */
export function readMessageRequest(
  raw: unknown,
  headers: IncomingHttpHeaders,
  isGenerated = true,
): ParsedRequest {
  if (headers['anthropic-version'] === undefined) {
    return { ok: false, message: 'anthropic-version: header is required' };
  }
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const sampled = ['temperature', 'top_p', 'top_k'].find((name) => name in Object(raw));
  if (sampled !== undefined && headers['anthropic-version'] !== '2023-06-01')
    return { ok: false, message: `${sampled}: Extra inputs are not permitted` };
  const { model, max_tokens, system, messages, stream, tools, tool_choice, output_config } = parsed.data;
  const { thinking } = parsed.data;
  if (thinking?.type === 'enabled' && isGenerated && thinking.budget_tokens >= max_tokens)
    return { ok: false, message: '`max_tokens` must be greater than `thinking.budget_tokens`' };
  const stray = misplacedInstructions(messages, model) ?? strayToolResult(messages);
  if (stray !== null) return { ok: false, message: `messages: ${stray}` };
  const refused = forgedThinking(messages) ?? previewError(headers, parsed.data) ?? markError(raw);
  if (refused !== null) return { ok: false, message: refused };
  const format = output_config.format ?? parsed.data.output_format;
  const said = edited(messages, parsed.data.context_management);
  return {
    ok: true,
    request: {
      model,
      turns: [
        ...(system === undefined ? [] : [{ role: 'system' as const, text: plain(system) }]),
        ...said.messages.flatMap(turnsOf),
      ],
      tools: tools.map(({ name, description, input_schema }) => ({
        name,
        description,
        schema: input_schema,
      })),
      tool_choice: toolChoiceOf(tool_choice),
      one_call: tool_choice.type !== 'none' && tool_choice.disable_parallel_tool_use,
      form: format === undefined ? 'text' : { schema: format.schema },
      max_output_tokens: max_tokens,
      stream: stream === true,
      stream_usage: true,
      thinking: thinkingOf(thinking),
      ...(parsed.data.context_management !== undefined && { applied_edits: said.applied_edits }),
    },
  };
}
