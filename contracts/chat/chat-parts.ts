import { z } from 'zod';

/** The parts of a message's content in the neutral form: text, images, documents and audio. */

/** The longest text of one part, in characters. A whole body may hold as much (PROMPT_LIMIT_BYTES); this bound names the field. */
export const TEXT_MAX = 8_388_608;

/** A mark up to which the provider may cache the prompt. Sent to Anthropic and to compatible servers that know it. */
export const cacheControl = z
  .strictObject({
    type: z.literal('ephemeral').describe('The kind of cache.'),
    ttl: z
      .enum(['5m', '1h'])
      .optional()
      .describe('The lifetime of the cache. The provider decides if it is missing.'),
  })
  .meta({ id: 'CacheControl' });
export type CacheControl = z.infer<typeof cacheControl>;

export const cache_control = cacheControl
  .optional()
  .describe('Lets the provider cache the prompt up to here, where it offers that.');

export const textPart = z
  .strictObject({
    type: z.literal('text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
    cache_control,
  })
  .meta({ id: 'TextPart' });

/** An address that the provider opens. This server never does. */
export const fetchedUrl = z
  .url({ protocol: /^https$/, error: 'An https URL' })
  .describe('An https URL the provider can fetch.');

/** An address of an image. Anthropic opens it with https alone. */
export const imageUrl = z
  .url({ protocol: /^https?$/, error: 'An http or https URL' })
  .describe('An http or https URL the provider can fetch.');

/** The source of an image. Providers fetch URLs; this server never does. */
export const imageSource = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('base64').describe('The image as base64.'),
      media_type: z
        .enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
        .describe('The type of the image.'),
      data: z.base64().describe('The bytes, in base64.'),
    }),
    z.strictObject({
      kind: z.literal('url').describe('An address from which the provider fetches the image.'),
      url: imageUrl,
    }),
  ])
  .meta({ id: 'ImageSource' });
export type ImageSource = z.infer<typeof imageSource>;

export const imagePart = z
  .strictObject({
    type: z.literal('image').describe('An image.'),
    source: imageSource.describe('The image: its bytes, or its URL.'),
    detail: z
      .enum(['auto', 'low', 'high'])
      .optional()
      .describe('The level of detail, where the provider supports it. More detail uses more tokens.'),
    cache_control,
  })
  .meta({ id: 'ImagePart' });

/** The source of a document. Of the kinds of providers, Anthropic alone opens URLs. */
export const documentSource = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('base64').describe('The document as base64.'),
      media_type: z.literal('application/pdf', 'Only PDF').describe('The type of the document.'),
      data: z.base64().min(1).describe('The bytes, in base64.'),
    }),
    z.strictObject({
      kind: z.literal('url').describe('An address from which the provider fetches the PDF.'),
      url: fetchedUrl,
    }),
  ])
  .meta({ id: 'DocumentSource' });
export type DocumentSource = z.infer<typeof documentSource>;

/** The title of a document. */
export const documentTitle = z.string().min(1).max(500).describe('The title, or the name of the file.');

/** A PDF. Its size says nothing about its tokens, so the input of the request is held as the model's context window. */
export const documentPart = z
  .strictObject({
    type: z.literal('document').describe('A PDF. The hold covers the whole context window of the model.'),
    source: documentSource.describe('The PDF: its bytes, or its URL. Only Anthropic takes URLs.'),
    title: documentTitle.optional(),
    context: z.string().max(TEXT_MAX).optional().describe('What the model should know about the document.'),
    cache_control,
  })
  .meta({ id: 'DocumentPart' });

/** The bytes of a recording. */
export const audioData = z.base64().min(1).describe('The bytes, in base64.');

/** The source of a recording. */
export const audioSource = z
  .strictObject({
    kind: z.literal('base64').describe('The recording as base64.'),
    media_type: z
      .enum(['audio/wav', 'audio/mpeg', 'audio/flac', 'audio/ogg', 'audio/aac', 'audio/aiff'])
      .describe('The type of the recording. OpenAI takes WAV and MP3.'),
    data: audioData,
  })
  .meta({ id: 'AudioSource' });
export type AudioSource = z.infer<typeof audioSource>;

/** A recording. Its size says nothing about its length, so the input of the request is held as the model's context window. */
export const audioPart = z
  .strictObject({
    type: z
      .literal('audio')
      .describe(
        'A recording. The hold covers the whole context window of the model. Sent to OpenAI, compatible servers and Google.',
      ),
    source: audioSource.describe('The recording.'),
    cache_control,
  })
  .meta({ id: 'AudioPart' });
