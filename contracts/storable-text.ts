/** The error message of {@link isStorable}. */
export const STORABLE_RULE = 'must be well-formed text without NUL characters';

/**
 * Tells whether Postgres can store a text: it refuses NUL and half of a surrogate pair. Checked at the edge, because a
 * journal entry that Postgres refuses would never leave its wallet.
 */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
