/** Returns the position of the end of the string that begins at `start`, or of the text. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

/** The nesting depth of a JSON text, and its values: the keys of its objects and the items of its arrays. An empty one counts as one. */
type JsonShape = { depth: number; values: number };

/**
 * Returns the shape of a JSON text without parsing it. Stops after `limits`, so that what it costs depends on them. For a text that is
 * not JSON the result has no meaning. Pure.
 */
export function jsonShape(text: string, limits: JsonShape): JsonShape {
  let open = 0;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length && depth <= limits.depth && values <= limits.values; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    // Each value follows a comma or begins its object or array.
    else if (character === ',') values += 1;
    else if (character === '{' || character === '[') {
      values += 1;
      open += 1;
      depth = Math.max(depth, open);
    } else if (character === '}' || character === ']') open -= 1;
  }
  return { depth, values };
}
