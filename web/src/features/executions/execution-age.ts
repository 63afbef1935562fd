/** Longer than this after its start, an execution that is not in the database is not on its way there either. */
const ARRIVAL_MAX_MS = 60_000;

/** Milliseconds since the epoch at which an id was made: a UUIDv7 starts with them. NaN for what is no UUID. */
const madeAtMs = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/** Whether an execution may be so new that the database has not heard of it. Pure. */
export const mayBeOnItsWay = (id: string, nowMs: number): boolean => nowMs - madeAtMs(id) < ARRIVAL_MAX_MS;
