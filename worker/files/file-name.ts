import { FILE_NAME_MAX } from '../../contracts/v1/files.ts';

/** The name of a file that was sent without one. */
const UNNAMED = 'unnamed';

/** Characters that no name needs: controls, and marks that turn the direction of a text. */
const HIDDEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns the last part of a path that a client sent as the name, without hidden characters, in at most 500 characters. Pure. */
export function fileNameOf(sent: string): string {
  const last = sent.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const name = last.replaceAll(HIDDEN, '').trim();
  if (name === '' || /^\.+$/.test(name)) return UNNAMED;
  return name.slice(-FILE_NAME_MAX).toWellFormed();
}

/** Characters that stand for themselves in a parameter of a header (RFC 8187), beside letters and digits. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Returns the header that makes a browser save a file under its name, and never show it. Pure. */
export const attachmentOf = (name: string): string =>
  `attachment; filename="${name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')}"; filename*=UTF-8''${encoded(name)}`;
