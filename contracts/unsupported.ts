import { z } from 'zod';

/** Refusals of what another API has and this one lacks, by name. */

/** A field that is refused unless it is null or left out. */
export const unsupportedField = (message: string) =>
  z.null(message).optional().describe('Not supported: null or left out.');

/** The longest part of a type that is quoted. */
const QUOTED_MAX = 60;

/** The error of a union of objects by their type: it names the type. `what`: their name in the plural, such as `Blocks`. */
export const unsupportedType = (what: string) => ({
  error: ({ code, input }: { code: string; input?: unknown }) => {
    if (code !== 'invalid_union') return undefined;
    const type = (input as { type?: unknown } | null)?.type;
    return typeof type === 'string'
      ? `${what} of type ${type.slice(0, QUOTED_MAX)} are not supported`
      : `${what} need a type`;
  },
});
