import type { Operation, Section } from './reference.ts';

/** Search for operations by words. Pure. */

const searchable = ({ method, path, title, text }: Operation, section: Section) =>
  [method, path, title, ...text, section.title].join(' ').toLowerCase();

/** Sections with only the operations that contain every word of the query. An empty query returns all. */
export function searchSections(sections: Section[], query: string): Section[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return sections
    .map((section) => ({
      ...section,
      operations: section.operations.filter((operation) => {
        const text = searchable(operation, section);
        return words.every((word) => text.includes(word));
      }),
    }))
    .filter(({ operations }) => operations.length > 0);
}
