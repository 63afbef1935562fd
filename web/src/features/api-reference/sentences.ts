/** Titles, paragraphs and code in the texts of the document. Pure. */

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Splits a text into its first clause and the rest, without the separator. */
const FIRST_CLAUSE = /^(.+?)(?:[:;,]\s+|\.\s+|\.?$)(.*)$/s;

/**
 * Splits a summary into a title, its first clause, and paragraphs: the rest of the summary and the description. The title is short
 * enough for the navigation.
 */
export function titleAndText(summary: string, description = ''): { title: string; text: string[] } {
  const [, title = summary, rest = ''] = FIRST_CLAUSE.exec(summary.trim()) ?? [];
  const paragraphs = [capitalized(rest), ...description.split(/\n{2,}/)];
  return {
    title,
    text: paragraphs.map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== ''),
  };
}

/** The display name of a security scheme: `api_key` is "API key". */
export const schemeName = (name: string): string =>
  capitalized(name.replace(/[_-]+/g, ' ').replace(/\bapi\b/gi, 'API'));

export type Piece = {
  /** Position of its first character. */
  at: number;
  text: string;
  isCode: boolean;
};

/** Splits text at `code` between backticks. A single backtick stays in the text. */
export function sentencePieces(text: string): Piece[] {
  let at = 0;
  return text.split(/(`[^`]+`)/).flatMap((piece, index) => {
    const isCode = index % 2 === 1;
    const begin = at;
    at += piece.length;
    return piece === '' ? [] : [{ at: begin, text: isCode ? piece.slice(1, -1) : piece, isCode }];
  });
}
