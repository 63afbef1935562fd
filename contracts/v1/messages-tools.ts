import { z } from 'zod';
import { jsonSchema, toolName } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { cache_control } from './message-blocks.ts';

/** The tools of POST /v1/messages, and the choice among them. */

export const messageTool = z
  .looseObject({
    type: z
      .literal('custom', {
        error: ({ input }) =>
          `Tools of type ${String(input).slice(0, 60)} are not supported: only custom tools, which you run yourself`,
      })
      .nullish()
      .describe(
        'Only custom tools are supported. Tools that Anthropic runs itself are billed separately, so they are refused.',
      ),
    name: toolName,
    description: z.string().max(TEXT_MAX).nullish().describe('A description of the tool, for the model.'),
    input_schema: jsonSchema.describe('The parameters, as a JSON Schema of an object.'),
    strict: z
      .boolean()
      .nullish()
      .describe('If true, arguments must match the schema, where the provider supports it.'),
    cache_control,
  })
  .meta({ id: 'MessageTool' });

const oneAtATime = {
  disable_parallel_tool_use: z
    .boolean()
    .nullish()
    .describe('If true, the model calls at most one tool at a time.'),
};

export const messageToolChoice = z
  .discriminatedUnion('type', [
    z.looseObject({ type: z.literal('auto').describe('The model decides.'), ...oneAtATime }),
    z.looseObject({
      type: z.literal('any').describe('The model must call at least one tool.'),
      ...oneAtATime,
    }),
    z.looseObject({
      type: z.literal('tool').describe('The model must call the named tool.'),
      name: toolName,
      ...oneAtATime,
    }),
    z.looseObject({ type: z.literal('none').describe('The model must not call a tool.') }),
  ])
  .meta({ id: 'MessageToolChoice' });
