/** Reads data URLs (RFC 2397) as clients write them. Pure. */

/** The type in lower case without parameters, and the bytes in padded base64. */
export type DataUrl = { media_type: string; data: string };

/** The longest beginning of a data URL, up to its comma: a type and some parameters. */
const HEAD_LENGTH_MAX = 1_000;

/** Texts escaped as in a URL: `%2B`, `%3D`. Null for a broken escape. */
function unescaped(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * Bytes in base64 as Anthropic and Google take them: padded, with the standard alphabet, without white space. Null if the text has an
 * impossible length or a broken escape.
 */
function standardBase64(text: string): string | null {
  const plain = unescaped(text);
  if (plain === null) return null;
  const bare = plain.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  return bare.length % 4 === 1 ? null : bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/** Returns the parts of a data URL in base64, whatever the case of its letters; null for any other text. */
export function parseDataUrl(text: string): DataUrl | null {
  const url = text.trimStart();
  if (!/^data:/i.test(url.slice(0, 5))) return null;
  const comma = url.slice(0, HEAD_LENGTH_MAX).indexOf(',');
  if (comma === -1) return null;
  const [type = '', ...parameters] = url
    .slice(5, comma)
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const data = parameters.includes('base64') ? standardBase64(url.slice(comma + 1)) : null;
  return data === null ? null : { media_type: type, data };
}
