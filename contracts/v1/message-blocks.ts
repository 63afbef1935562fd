import { z } from 'zod';
import { calledToolName, toolCallId } from '../chat/chat.ts';
import { fetchedUrl, imageUrl, TEXT_MAX } from '../chat/chat-parts.ts';
import { unsupportedType } from '../unsupported.ts';
import { fileReference } from './file-id.ts';

/** The blocks of messages in requests of POST /v1/messages, as Anthropic's SDKs send them. */

export const cacheControl = z
  .looseObject({
    type: z.literal('ephemeral').describe('The kind of cache.'),
    ttl: z.enum(['5m', '1h']).nullish().describe('The lifetime of the cache.'),
  })
  .meta({ id: 'MessageCacheControl' });

export const cache_control = cacheControl
  .nullish()
  .describe('Lets the provider cache the prompt up to here. Sent to Anthropic.');

export const textBlock = z
  .looseObject({
    type: z.literal('text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
    cache_control,
  })
  .meta({ id: 'MessageTextBlock' });

const uploadedFile = z
  .looseObject({
    type: z.literal('file').describe('An uploaded file.'),
    file_id: fileReference.describe('The id of the file.'),
  })
  .meta({ id: 'MessageFileSource' });

export const imageBlock = z
  .looseObject({
    type: z.literal('image').describe('An image.'),
    source: z
      .discriminatedUnion('type', [
        z.looseObject({
          type: z.literal('base64').describe('The image as base64.'),
          media_type: z
            .enum(['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp'])
            .describe('The type of the image.'),
          data: z.base64().describe('The bytes, in base64.'),
        }),
        z.looseObject({
          type: z.literal('url').describe('An address from which the provider fetches the image.'),
          url: imageUrl,
        }),
        uploadedFile,
      ])
      .describe('The image: its bytes, its URL, or the id of an uploaded file.'),
    cache_control,
  })
  .meta({ id: 'MessageImageBlock' });

const documentSource = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({
        type: z.literal('base64').describe('A PDF as base64.'),
        media_type: z.literal('application/pdf', 'Only PDF').describe('The type of the document.'),
        data: z.base64().min(1).describe('The bytes, in base64.'),
      }),
      z.looseObject({
        type: z.literal('url').describe('An address from which Anthropic fetches the PDF.'),
        url: fetchedUrl,
      }),
      z.looseObject({
        type: z.literal('text').describe('Plain text.'),
        media_type: z.literal('text/plain').describe('The type of the document.'),
        data: z.string().max(TEXT_MAX).describe('The text.'),
      }),
      uploadedFile,
      z.looseObject({
        type: z.literal('content').describe('Blocks of text and images.'),
        content: z
          .union([
            z.string().max(TEXT_MAX),
            z.array(z.discriminatedUnion('type', [textBlock, imageBlock], unsupportedType('Blocks'))).min(1),
          ])
          .describe('The text, or the blocks.'),
      }),
    ],
    'A PDF as base64 or by URL, plain text, an uploaded file, or blocks of text and images',
  )
  .meta({ id: 'MessageDocumentSource' });

/** A document: a PDF, or texts and images, which become texts and images of the message. */
export const documentBlock = z
  .looseObject({
    type: z.literal('document').describe('A document: a PDF, plain text, or blocks of text and images.'),
    source: documentSource.describe(
      'The document. The hold of a request with a PDF covers the whole context window of the model.',
    ),
    title: z.string().max(500).nullish().describe('The title.'),
    context: z.string().max(TEXT_MAX).nullish().describe('What the model should know about the document.'),
    citations: z
      .looseObject({
        enabled: z.literal(false, 'Citations are not supported').nullish().describe('Always false.'),
      })
      .nullish()
      .describe('Citations are not supported: only `enabled: false` is accepted.'),
    cache_control,
  })
  .meta({ id: 'MessageDocumentBlock' });

/** A tool's result. */
export const toolResultBlock = z
  .looseObject({
    type: z.literal('tool_result').describe('The result of a tool call.'),
    tool_use_id: toolCallId,
    content: z
      .union([
        z.string().max(TEXT_MAX),
        z.array(
          z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock], unsupportedType('Blocks')),
        ),
      ])
      .nullish()
      .describe('The result: text, or blocks of text, images and documents.'),
    is_error: z.boolean().nullish().describe('True if the tool failed. The content explains the failure.'),
    cache_control,
  })
  .meta({ id: 'MessageToolResultBlock' });

export const toolUseBlock = z
  .looseObject({
    type: z.literal('tool_use').describe('A tool call.'),
    id: toolCallId,
    name: calledToolName,
    input: z
      .record(z.string(), z.unknown())
      .refine((input) => JSON.stringify(input).length <= TEXT_MAX, 'Too long')
      .describe('The arguments.'),
    cache_control,
  })
  .meta({ id: 'MessageToolUseBlock' });

export const thinkingBlock = z
  .looseObject({
    type: z.literal('thinking').describe("The model's reasoning."),
    thinking: z.string().max(TEXT_MAX).describe('The reasoning.'),
    signature: z
      .string()
      .max(TEXT_MAX)
      .nullish()
      .describe("The provider's signature. Anthropic takes no reasoning back without one."),
  })
  .meta({ id: 'MessageThinkingBlock' });
export const redactedThinkingBlock = z
  .looseObject({
    type: z.literal('redacted_thinking').describe("The model's reasoning, encrypted."),
    data: z.string().max(TEXT_MAX).describe('The reasoning. It is sent back to Anthropic.'),
  })
  .meta({ id: 'MessageRedactedThinkingBlock' });
