const FIRST_MS = 1_000;
const LONGEST_MS = 8_000;
const GROWTH = 1.3;

/** Milliseconds until a running execution is read again, after this many reads (at least 1). Pure. */
export const watchMs = (reads: number): number => Math.min(FIRST_MS * GROWTH ** (reads - 1), LONGEST_MS);

/** The journal brings a new execution to the database within this time. */
const ARRIVAL_MAX_MS = 60_000;

/** Milliseconds since 1970 at which an id was made: a UUIDv7 starts with them. NaN for any other text. */
const madeAtMs = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/** True while an execution may be too new to be in the database. Pure. */
export const mayBeOnItsWay = (id: string, nowMs: number): boolean => nowMs - madeAtMs(id) < ARRIVAL_MAX_MS;
