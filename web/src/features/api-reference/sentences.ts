/** A summary as a title and the rest. Pure. */

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** The first clause, without what ends it, and what comes after. */
const FIRST_CLAUSE = /^(.+?)(?:[:;,]\s+|\.\s+|\.?$)(.*)$/s;

/**
 * A summary is a sentence or more. Its first clause is short enough for a heading and the navigation; the rest, and the
 * description, are paragraphs below it.
 */
export function titleAndText(summary: string, description = ''): { title: string; text: string[] } {
  const [, title = summary, rest = ''] = FIRST_CLAUSE.exec(summary.trim()) ?? [];
  const paragraphs = [capitalized(rest), ...description.split(/\n{2,}/)];
  return {
    title,
    text: paragraphs.map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== ''),
  };
}

/** The name of a security scheme as people say it: `api_key` is "API key". */
export const schemeName = (name: string): string =>
  capitalized(name.replace(/[_-]+/g, ' ').replace(/\bapi\b/gi, 'API'));

export type Piece = {
  /** Where it begins. */
  at: number;
  text: string;
  isCode: boolean;
};

/** Text with `code` between backticks, in pieces. A backtick without a partner is one. */
export function piecesOf(text: string): Piece[] {
  let at = 0;
  return text.split(/(`[^`]+`)/).flatMap((piece, index) => {
    const isCode = index % 2 === 1;
    const begin = at;
    at += piece.length;
    return piece === '' ? [] : [{ at: begin, text: isCode ? piece.slice(1, -1) : piece, isCode }];
  });
}
