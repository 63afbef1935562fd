import { z } from 'zod';
import { calledToolName, toolCallId } from '../chat/chat.ts';
import {
  type DocumentSource,
  documentSource,
  type ImageSource,
  imageSource,
  TEXT_MAX,
} from '../chat/chat-parts.ts';
import { fileIdOfUri } from '../v1/file-id.ts';

/** The contents of Google's generateContent (ai.google.dev/api/caching#Content): turns of parts. */

/** Names of types that are written for another. */
const typeNames: Partial<Record<string, string>> = { 'image/jpg': 'image/jpeg' };

type Source = { image: ImageSource } | { document: DocumentSource };

/** Reads bytes or an address of an image or a PDF. Returns null for any other type. Pure. */
export function sourceOf(mimeType: string, value: { data: string } | { url: string }): Source | null {
  const lower = mimeType.toLowerCase();
  const media_type = typeNames[lower] ?? lower;
  const isImage = media_type.startsWith('image/');
  const source = 'url' in value ? { kind: 'url', url: value.url } : { kind: 'base64', media_type, ...value };
  if (isImage) {
    const image = imageSource.safeParse(source).data;
    return image === undefined ? null : { image };
  }
  const document = media_type === 'application/pdf' ? documentSource.safeParse(source).data : undefined;
  return document === undefined ? null : { document };
}

const mimeType = z.string().max(200).describe('The type of the file.');

const inlineData = z
  .looseObject({ mimeType, data: z.string().describe('The bytes, in base64.') })
  .refine(({ mimeType: type, data }) => sourceOf(type, { data }) !== null, {
    path: ['mimeType'],
    message: 'A PNG, JPEG, GIF or WebP, or a PDF, in base64',
  })
  .meta({ id: 'GoogleBlob' });

/** Files of Google's own API are not here. */
const isKeptByGoogle = (url: string): boolean =>
  /^https:\/\/generativelanguage\.googleapis\.com\//i.test(url);

const fileData = z
  .looseObject({
    mimeType,
    fileUri: z
      .string()
      .max(2_000)
      .describe(
        'The id of a file that was uploaded to `/v1/files`, alone or after `files/`, or an https URL that the provider can fetch.',
      ),
  })
  .refine(
    ({ mimeType: type, fileUri }) =>
      fileIdOfUri(fileUri) !== null ||
      (!isKeptByGoogle(fileUri) && sourceOf(type, { url: fileUri }) !== null),
    {
      path: ['fileUri'],
      message: 'The id of a file of /v1/files, or an https URL of an image or a PDF',
    },
  )
  .meta({ id: 'GoogleFileData' });

const callId = toolCallId
  .nullish()
  .describe('The id of the call. Without ids, results belong to the calls of their name in order.');

const functionCall = z
  .looseObject({
    id: callId,
    name: calledToolName,
    args: z.record(z.string(), z.unknown()).nullish().describe('The arguments.'),
  })
  .meta({ id: 'GoogleFunctionCall' });

const functionResponse = z
  .looseObject({
    id: callId,
    name: calledToolName,
    response: z.record(z.string(), z.unknown()).nullish().describe('The result.'),
    parts: z
      .array(z.looseObject({ inlineData: inlineData.describe('An image or a PDF.') }))
      .max(100)
      .nullish()
      .describe('Images and PDFs of the result.'),
  })
  .meta({ id: 'GoogleFunctionResponse' });

/** Refuses a field by name, unless it is left out or null. */
export const unsupported = (message: string, ...harmless: readonly unknown[]) =>
  z
    .unknown()
    .refine((value) => value == null || harmless.includes(value), message)
    .optional()
    .describe('Not supported: null or left out.');

const DATA = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'] as const;

export const googlePart = z
  .looseObject({
    text: z.string().max(TEXT_MAX).nullish().describe('A text.'),
    thought: z.boolean().nullish().describe('True for a thought of the model.'),
    thoughtSignature: z
      .string()
      .max(TEXT_MAX)
      .nullish()
      .describe('The signature that the part came with. Send it back with the part.'),
    inlineData: inlineData.nullish().describe('An image or a PDF.'),
    fileData: fileData.nullish().describe('An image or a PDF by its URL, or an uploaded file.'),
    functionCall: functionCall.nullish().describe('A call of a function by the model.'),
    functionResponse: functionResponse.nullish().describe('The result of a function.'),
    executableCode: unsupported('No code runs at the provider'),
    codeExecutionResult: unsupported('No code runs at the provider'),
    toolCall: unsupported('No tool runs at the provider'),
    toolResponse: unsupported('No tool runs at the provider'),
  })
  .refine((part) => DATA.filter((name) => part[name] != null).length === 1 || part.thoughtSignature != null, {
    message: `One of ${DATA.join(', ')}`,
  })
  .meta({ id: 'GooglePart' });
export type GooglePart = z.infer<typeof googlePart>;

/** The most parts of one turn. */
const PARTS_MAX = 10_000;
const parts = z.array(googlePart).max(PARTS_MAX);
const textParts = parts.describe('The texts.');

export const googleContent = z
  .looseObject({
    role: z
      .enum(['user', 'model', 'function', 'system'])
      .nullish()
      .describe('The author: `user` (default), `model`, or `function` for results of functions.'),
    parts: parts.nullish().describe('The parts of the turn.'),
  })
  .meta({ id: 'GoogleContent' });
export type GoogleContent = z.infer<typeof googleContent>;

/** Instructions: a text, a part, or a turn of texts. */
export const systemInstruction = z
  .union([z.string().max(TEXT_MAX), z.looseObject({ parts: textParts }), googlePart])
  .meta({ id: 'GoogleSystemInstruction' });
