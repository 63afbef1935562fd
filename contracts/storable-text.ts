/** What {@link isStorable} asks for, as an error message says it. */
export const STORABLE_RULE = 'must be well-formed text without NUL characters';

/**
 * Whether Postgres can hold a text: it refuses NUL and half of a surrogate pair. Checked where text comes in, since a
 * journal entry that Postgres refuses would never leave its wallet.
 */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
