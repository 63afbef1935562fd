import type { Message } from '../../../../contracts/api/executions.ts';

/** Files of a prompt, as parts of a message. */

type Content = Extract<Message, { role: 'user' }>['content'];
type Part = Exclude<Content, string>[number];

/** A file that is sent with the next prompt. `bytes`: its size inside the prompt. */
export type Attachment = { id: string; name: string; part: Part; bytes: number };

/** The most that the files of one prompt hold inside it, in bytes: a conversation holds 2 MiB. */
export const ATTACHED_BYTES_MAX = 1_048_576;

/** Larger images are made smaller: models see no more than this many pixels on a side. */
const IMAGE_SIDE_MAX = 1_568;
const IMAGE_BYTES_MAX = 393_216;

/** The types that the file dialog offers. */
export const ACCEPTED =
  'image/png,image/jpeg,image/gif,image/webp,application/pdf,audio/wav,audio/mpeg,text/*,.md,.csv,.json';

const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
const audioTypes = ['audio/wav', 'audio/mpeg', 'audio/flac', 'audio/ogg', 'audio/aac', 'audio/aiff'] as const;

const typeIn = <Type extends string>(types: readonly Type[], type: string): Type | undefined =>
  types.find((known) => known === type);

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let characters = '';
  for (let at = 0; at < bytes.length; at += 8_192)
    characters += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(characters);
}

/** Makes a large image smaller, as JPEG. An animation would lose its frames and stays as it is. */
async function fitted(image: Blob): Promise<Blob> {
  if (image.size <= IMAGE_BYTES_MAX || image.type === 'image/gif') return image;
  const bitmap = await createImageBitmap(image);
  const scale = Math.min(1, IMAGE_SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) return image;
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const smaller = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
  return smaller.size < image.size ? smaller : image;
}

/** Texts as models read them best: with the name of their file. A file with a NUL is none. */
async function textPart(file: File): Promise<Part | null> {
  const text = await file.text();
  return text.includes('\u0000') || text.includes('\ufffd')
    ? null
    : { type: 'text', text: `File ${file.name}:\n\n${text}` };
}

async function partOf(file: File): Promise<Part | null> {
  if (typeIn(imageTypes, file.type) !== undefined) {
    const image = await fitted(file);
    const media_type = typeIn(imageTypes, image.type) ?? 'image/jpeg';
    return { type: 'image', source: { kind: 'base64', media_type, data: await base64Of(image) } };
  }
  if (file.type === 'application/pdf') {
    const source = {
      kind: 'base64' as const,
      media_type: 'application/pdf' as const,
      data: await base64Of(file),
    };
    return { type: 'document', title: file.name.slice(0, 500) || 'Document', source };
  }
  const audio = typeIn(audioTypes, file.type);
  if (audio !== undefined)
    return { type: 'audio', source: { kind: 'base64', media_type: audio, data: await base64Of(file) } };
  return textPart(file);
}

/** Reads a file as a part of a prompt, or returns a sentence that says why it cannot be one. */
export async function readAttachment(file: File, heldBytes: number): Promise<Attachment | string> {
  const part = await partOf(file).catch(() => null);
  if (part === null) return `${file.name} is no image, PDF, recording or text.`;
  const bytes = JSON.stringify(part).length;
  if (heldBytes + bytes > ATTACHED_BYTES_MAX)
    return `${file.name} does not fit: the files of a prompt can have 1 MB together, about 750 KB of PDF or audio.`;
  return { id: crypto.randomUUID(), name: file.name || 'Pasted image', part, bytes };
}

/** The content of a prompt with its files. Pure. */
export function contentOf(text: string, attachments: Attachment[]): Content {
  if (attachments.length === 0) return text;
  const words: Part[] = text === '' ? [] : [{ type: 'text', text }];
  return [...attachments.map(({ part }) => part), ...words];
}
