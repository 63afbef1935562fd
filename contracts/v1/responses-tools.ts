import { z } from 'zod';
import { jsonSchema, TOOLS_MAX, toolName } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';

/** The tools of OpenAI's Responses API, and the choice among them. */

const description = z.string().max(TEXT_MAX).nullish().describe('A description of the tool, for the model.');

const functionTool = z
  .looseObject({
    type: z.literal('function').describe('A function.'),
    name: toolName,
    description,
    parameters: jsonSchema.nullish().describe('The parameters, as a JSON Schema of an object.'),
    strict: z
      .boolean()
      .nullish()
      .describe('If true, arguments must match the schema, where the provider supports it.'),
  })
  .meta({ id: 'ResponseFunctionTool' });

const customTool = z
  .looseObject({
    type: z.literal('custom').describe('A tool that takes a text.'),
    name: toolName,
    description,
    format: z
      .looseObject({ type: z.enum(['text', 'grammar']).describe('Any text, or one of a grammar.') })
      .nullish()
      .describe('A grammar is part of the description: no provider is made to follow it.'),
  })
  .meta({ id: 'ResponseCustomTool' });

/** Names the type that a union does not have. */
const notSupported = ({ code, input }: { code?: string; input?: unknown }) =>
  code === 'invalid_union'
    ? `${String((input as { type?: unknown }).type).slice(0, 60)} is not supported`
    : undefined;

const namespaceTool = z
  .looseObject({
    type: z.literal('namespace').describe('Tools that belong together.'),
    name: toolName,
    description,
    tools: z
      .array(z.discriminatedUnion('type', [functionTool, customTool], { error: notSupported }))
      .max(TOOLS_MAX)
      .describe('The tools. The model knows each as `<namespace>__<name>`.'),
  })
  .refine(({ name, tools }) => tools.every((tool) => `${name}__${tool.name}`.length <= 128), {
    path: ['name'],
    message: 'The name of a tool is too long with that of its namespace: at most 126 characters together',
  })
  .meta({ id: 'ResponseNamespaceTool' });

const hostedTool = z
  .looseObject({
    type: z
      .enum(['web_search', 'tool_search', 'image_generation', 'local_shell'])
      .describe('A tool that OpenAI runs, or that needs one of its models. It is passed over.'),
  })
  .meta({ id: 'ResponseHostedTool' });

/** A tool. Those that only OpenAI has are passed over or refused by name. */
export const responseTool = z
  .discriminatedUnion('type', [functionTool, customTool, namespaceTool, hostedTool], { error: notSupported })
  .meta({ id: 'ResponseTool' });
export type ResponseTool = z.infer<typeof responseTool>;

const namedChoice = z
  .looseObject({
    type: z.enum(['function', 'custom']).describe('The kind of tool.'),
    name: toolName,
    namespace: toolName.nullish().describe('The namespace of the tool.'),
  })
  .refine(({ name, namespace }) => !namespace || `${namespace}__${name}`.length <= 128, {
    path: ['name'],
    message: 'At most 126 characters together with the namespace',
  })
  .meta({ id: 'ResponseNamedToolChoice' });

const allowedTools = z
  .looseObject({
    type: z.literal('allowed_tools').describe('Some of the tools.'),
    mode: z.enum(['auto', 'required']).describe('`required` forces a call of one of them.'),
    tools: z
      .array(
        z.looseObject({
          type: z.string().max(100).describe('The kind of tool.'),
          name: z.string().max(128).nullish().describe('The name of the tool.'),
          namespace: z.string().max(128).nullish().describe('The namespace of the tool.'),
        }),
      )
      .max(TOOLS_MAX)
      .describe('The tools that the model may call.'),
  })
  .meta({ id: 'ResponseAllowedTools' });

export const responseToolChoice = z
  .union([
    z.enum(['none', 'auto', 'required']),
    z.discriminatedUnion('type', [namedChoice, allowedTools], { error: notSupported }),
  ])
  .meta({ id: 'ResponseToolChoice' });
