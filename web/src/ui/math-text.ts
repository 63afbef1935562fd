/** The mark of inline code that is a formula: a character that no text has (Unicode's private use area). */
export const INLINE_MATH = '\ue000';

/** Code of Markdown, which is left as it is: fenced, or between the same number of backticks. */
const CODE =
  /(^|\n)( {0,3})(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:\n {0,3}\3[`~]*(?=\n|$)|$)|$)|(`+)(?!`)[\s\S]*?[^`]\4(?!`)/g;

const BLOCK = /\\\[([\s\S]+?)\\\]|\$\$([\s\S]+?)\$\$/g;
/** A dollar begins a formula only before a character, and ends it only after one and before no digit: `$5 and $6` is none. */
const INLINE = /\\\(([^\n]+?)\\\)|(?<![\\$\w])\$(?![\s$])([^$\n]*?[^\s$\\])\$(?![\d$\w])/g;

function markFormulas(text: string): string {
  return text
    .replace(BLOCK, (whole, bracketed: string | undefined, dollars: string | undefined) => {
      const formula = (bracketed ?? dollars ?? '').trim();
      return formula === '' || formula.includes('```') ? whole : `\n\n\`\`\`math\n${formula}\n\`\`\`\n\n`;
    })
    .replace(INLINE, (whole, bracketed: string | undefined, dollars: string | undefined) => {
      const formula = (bracketed ?? dollars ?? '').trim();
      return formula === '' || formula.includes('`') ? whole : `\`${INLINE_MATH}${formula}\``;
    });
}

/**
 * Writes the formulas of a Markdown text as code that the page draws as formulas: `\[ \]` and `$$ $$` as blocks of the language `math`,
 * `\( \)` and `$ $` as inline code with a mark. Code stays as it is. Pure.
 */
export function markMath(text: string): string {
  if (!/\\[([]|\$/.test(text)) return text;
  let marked = '';
  let from = 0;
  for (const code of text.matchAll(CODE)) {
    marked += markFormulas(text.slice(from, code.index)) + code[0];
    from = code.index + code[0].length;
  }
  return marked + markFormulas(text.slice(from));
}
