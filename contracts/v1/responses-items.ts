import { z } from 'zod';
import { calledToolName, TOOLS_MAX, toolCallId } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { unsupportedType } from '../unsupported.ts';
import { fileContentOf } from './document-data.ts';
import { fileReference } from './file-id.ts';
import { imageSourceOf } from './image-url.ts';
import { inputAudio } from './input-audio.ts';
import { responseTool } from './responses-tools.ts';

/** The items of OpenAI's Responses API (platform.openai.com/docs/api-reference/responses): what goes in, and what comes out. */

const inputText = z
  .looseObject({
    type: z.literal('input_text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
  })
  .meta({ id: 'ResponseInputText' });

const inputImage = z
  .looseObject({
    type: z.literal('input_image').describe('An image.'),
    image_url: z
      .string()
      .refine((url) => imageSourceOf(url) !== null, {
        message: 'An http or https URL, or a data URL of a PNG, JPEG, GIF or WebP in base64',
      })
      .nullish()
      .describe('An http or https URL, or a data URL with a PNG, JPEG, GIF or WebP in base64.'),
    detail: z
      .enum(['auto', 'low', 'high', 'original'])
      .nullish()
      .describe('The level of detail. More detail uses more tokens.'),
    file_id: fileReference.nullish().describe('The id of an uploaded image.'),
  })
  .refine(({ image_url, file_id }) => (image_url == null) !== (file_id == null), {
    path: ['image_url'],
    message: 'Exactly one of image_url and file_id',
  })
  .meta({ id: 'ResponseInputImage' });

const isGiven = (value: unknown): boolean => value != null;

const fileUrl = z
  .string()
  .refine((url) => fileContentOf(url) !== null, 'A data URL of a PDF or a text in base64, or an https URL')
  .nullish();

const inputFile = z
  .looseObject({
    type: z.literal('input_file').describe('A PDF or a text, or an uploaded file.'),
    file_data: fileUrl.describe('A data URL with a PDF or a text in base64.'),
    file_url: fileUrl.describe('An https URL of a PDF, which only Anthropic fetches.'),
    file_id: fileReference
      .nullish()
      .describe('The id of an uploaded file: a PDF, a text, an image or a recording.'),
    filename: z.string().max(500).nullish().describe('The name of the file.'),
  })
  .refine(({ file_data, file_url, file_id }) => [file_data, file_url, file_id].filter(isGiven).length === 1, {
    path: ['file_data'],
    message: 'Exactly one of file_data, file_url and file_id',
  })
  .meta({ id: 'ResponseInputFile' });

const audioInput = z
  .looseObject({
    type: z.literal('input_audio').describe('A recording.'),
    input_audio: inputAudio.describe('The recording. The hold covers the whole context window of the model.'),
  })
  .meta({ id: 'ResponseInputAudio' });

const inputPart = z.discriminatedUnion('type', [inputText, inputImage, inputFile, audioInput]);

const outputText = z
  .looseObject({
    type: z.literal('output_text').describe('A text of the model.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
  })
  .meta({ id: 'ResponseOutputTextParam' });

const refusal = z
  .looseObject({
    type: z.literal('refusal').describe('A refusal by the model.'),
    refusal: z.string().max(TEXT_MAX).describe('The text of the refusal.'),
  })
  .meta({ id: 'ResponseRefusal' });

const messageItem = z
  .looseObject({
    type: z.literal('message').optional().describe('Always `message`, which can be left out.'),
    role: z.enum(['user', 'assistant', 'system', 'developer']).describe('The author of the message.'),
    content: z
      .union([
        z.string().max(TEXT_MAX),
        z.array(z.discriminatedUnion('type', [...inputPart.options, outputText, refusal])),
      ])
      .describe('The message: text, or parts.'),
  })
  .meta({ id: 'ResponseMessageParam' });

const calledAs = {
  call_id: toolCallId.describe('The id of the call.'),
  id: z.string().max(TEXT_MAX).nullish().describe('The id of the item.'),
};

const calledTool = {
  name: calledToolName,
  namespace: z.string().max(128).nullish().describe('The namespace of the tool.'),
};

/** Both names together are no longer than the name of a tool can be. */
const hasShortName = ({ name, namespace }: { name: string; namespace?: string | null | undefined }) =>
  !namespace || `${namespace}__${name}`.length <= 1_024;
const longName = { path: ['name'], message: 'At most 1,022 characters together with the namespace' };

const functionCall = z
  .looseObject({
    type: z.literal('function_call').describe('A call of a function.'),
    ...calledAs,
    ...calledTool,
    arguments: z.string().max(TEXT_MAX).describe('The arguments as the model wrote them.'),
  })
  .refine(hasShortName, longName)
  .meta({ id: 'ResponseFunctionCallParam' });

const customToolCall = z
  .looseObject({
    type: z.literal('custom_tool_call').describe('A call of a tool that takes a text.'),
    ...calledAs,
    ...calledTool,
    input: z.string().max(TEXT_MAX).describe('The text that the model wrote.'),
  })
  .refine(hasShortName, longName)
  .meta({ id: 'ResponseCustomToolCallParam' });

const toolResult = z
  .union([z.string().max(TEXT_MAX), z.array(inputPart)])
  .describe('The result: text, or parts of text, images, files and audio.');

const functionCallOutput = z
  .looseObject({
    type: z.literal('function_call_output').describe('The result of a function.'),
    ...calledAs,
    output: toolResult,
  })
  .meta({ id: 'ResponseFunctionCallOutputParam' });

const customToolCallOutput = z
  .looseObject({
    type: z.literal('custom_tool_call_output').describe('The result of a tool that takes a text.'),
    ...calledAs,
    output: toolResult,
  })
  .meta({ id: 'ResponseCustomToolCallOutputParam' });

const reasoningItem = z
  .looseObject({
    type: z.literal('reasoning').describe('Reasoning of the model. Send it back as you received it.'),
    id: z.string().max(TEXT_MAX).nullish().describe('The id of the item.'),
    summary: z
      .array(z.looseObject({ text: z.string().max(TEXT_MAX).describe('The text.') }))
      .describe('The reasoning, as far as it is shown.'),
    encrypted_content: z
      .string()
      .max(TEXT_MAX)
      .nullish()
      .describe("The provider's signature, or reasoning that only the provider can read."),
  })
  .meta({ id: 'ResponseReasoningItemParam' });

const itemReference = z
  .looseObject({
    type: z.literal('item_reference').describe('An item of a kept response of yours.'),
    id: z.string().max(100).describe('The id of the item, as it was in the answer.'),
  })
  .meta({ id: 'ResponseItemReference' });

const additionalTools = z
  .looseObject({
    type: z.literal('additional_tools').describe('Further tools, as if they were among `tools`.'),
    tools: z.array(responseTool).max(TOOLS_MAX).describe('The tools.'),
  })
  .meta({ id: 'ResponseAdditionalTools' });

/** Items of tools that only OpenAI has. Without an id, so that the document names no discriminator: a message needs no type. */
const passedOver = z.looseObject({
  type: z
    .enum(['web_search_call', 'tool_search_call', 'tool_search_output', 'compaction'])
    .describe('An item that means something to OpenAI alone. It is passed over.'),
});

/** One item of the input. A message needs no type. */
export const responseInputItem = z
  .discriminatedUnion(
    'type',
    [
      messageItem,
      functionCall,
      customToolCall,
      functionCallOutput,
      customToolCallOutput,
      reasoningItem,
      itemReference,
      additionalTools,
      passedOver,
    ],
    unsupportedType('Items'),
  )
  .meta({ id: 'ResponseInputItem' });
export type ResponseInputItem = z.infer<typeof responseInputItem>;

const status = z.enum(['in_progress', 'completed', 'incomplete']).describe('The state of the item.');
const itemId = z.string().describe('The id of the item.');
const namespace = z.string().optional().describe('The namespace of the tool. Missing if it has none.');

/** A part of the answer's message. */
export const responseOutputPart = z.discriminatedUnion('type', [
  z
    .object({
      type: z.literal('output_text').describe('A text.'),
      text: z.string().describe('The text.'),
      annotations: z.array(z.unknown()).describe('Always empty.'),
      logprobs: z.array(z.unknown()).describe('Always empty.'),
    })
    .meta({ id: 'ResponseOutputText' }),
  z
    .object({
      type: z.literal('refusal').describe('A refusal.'),
      refusal: z.string().describe('The explanation of the provider.'),
    })
    .meta({ id: 'ResponseOutputRefusal' }),
]);

/** An item of the answer. */
export const responseOutputItem = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('message').describe('The answer.'),
      id: itemId,
      role: z.literal('assistant').describe('A message from the model.'),
      status,
      content: z.array(responseOutputPart).describe('The text.'),
    }),
    z.object({
      type: z.literal('function_call').describe('A call of a function.'),
      id: itemId,
      call_id: z.string().describe('The id of the call. Send it with the result.'),
      name: z.string().describe('The name of the function.'),
      namespace,
      arguments: z.string().describe('The arguments as the model wrote them.'),
      status,
    }),
    z.object({
      type: z.literal('custom_tool_call').describe('A call of a tool that takes a text.'),
      id: itemId,
      call_id: z.string().describe('The id of the call. Send it with the result.'),
      name: z.string().describe('The name of the tool.'),
      namespace,
      input: z.string().describe('The text that the model wrote.'),
      status,
    }),
    z.object({
      type: z.literal('reasoning').describe('Reasoning of the model.'),
      id: itemId,
      summary: z
        .array(
          z.object({
            type: z.literal('summary_text').describe('A text.'),
            text: z.string().describe('The text.'),
          }),
        )
        .describe('The reasoning, where the provider shows it.'),
      encrypted_content: z
        .string()
        .nullable()
        .optional()
        .describe(
          'The part of the reasoning that the provider wants back, for a conversation that you keep. Asked for by `include`.',
        ),
    }),
  ])
  .meta({ id: 'ResponseOutputItem' });
export type ResponseOutputItem = z.infer<typeof responseOutputItem>;
