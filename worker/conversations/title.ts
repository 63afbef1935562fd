import type { NewMessage } from '../../contracts/api/conversations.ts';

/** The longest title that is made from a prompt, in characters. */
const MADE_TITLE_MAX = 60;

const UNTITLED = 'New conversation';

const names = {
  image: 'Image',
  document: 'Document',
  file: 'File',
  audio: 'Recording',
  text: UNTITLED,
} as const;

/** Cuts a text at the last space before the limit, or at the limit if a word is longer. */
function shortened(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= MADE_TITLE_MAX) return text;
  const cut = characters.slice(0, MADE_TITLE_MAX).join('');
  const space = cut.lastIndexOf(' ');
  return `${cut.slice(0, space > 0 ? space : undefined).replace(/[\s.,;:]+$/, '')}…`;
}

/** The first text of a prompt, or the name of its first part. */
function firstText({ content }: Extract<NewMessage, { role: 'user' }>): string {
  if (typeof content === 'string') return content;
  const text = content.find((part) => part.type === 'text' && part.text.trim() !== '');
  if (text?.type === 'text') return text.text;
  const [first] = content;
  return first?.type === 'document' && first.title !== undefined ? first.title : names[first?.type ?? 'text'];
}

/** Makes the title of a conversation from its first message: the first line with words, without Markdown's marks, shortened. Pure. */
export function titleOf(first: NewMessage | undefined): string {
  if (first === undefined || first.role !== 'user') return UNTITLED;
  const lines = firstText(first)
    .toWellFormed()
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/\*\*|[`~]/g, '')
        .replace(/^[\s#>*-]+|\s+$/g, '')
        .replace(/\s+/g, ' '),
    );
  return shortened(lines.find((line) => /[\p{L}\p{N}]/u.test(line)) ?? UNTITLED);
}
