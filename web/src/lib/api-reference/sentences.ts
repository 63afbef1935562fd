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

export type Piece = { text: string; isCode: boolean };

/** Text with `code` between backticks, in pieces. A backtick without a partner is one. */
export const piecesOf = (text: string): Piece[] =>
  text.split(/(`[^`]+`)/).flatMap((piece, index) => {
    const isCode = index % 2 === 1;
    return piece === '' ? [] : [{ text: isCode ? piece.slice(1, -1) : piece, isCode }];
  });
