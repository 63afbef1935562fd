import { z } from 'zod';

/** Where a snapshot may be found before the database is asked: this isolate's memory, then this colo's cache. */
export type SnapshotCacheOptions<Schema extends z.ZodType> = {
  /** Part of every key, so that two kinds of snapshot never meet. Raise the number when the schema changes. */
  name: string;
  schema: Schema;
  /** No snapshot older than this is served, whichever tier holds it. */
  age_max_ms: number;
  /** Bound on this isolate's memory; the oldest entry goes first. */
  entries_max: number;
};

const CACHE_NAME = 'snapshots';

/**
 * A two-tier cache with a bounded age. What it may serve late is never what a limit rests on: revocation and balance are
 * decided by the wallet and by `app.enter`. Entries are parsed on the way out of the colo's cache, since another
 * version of this code may have written them.
 */
export class SnapshotCache<Schema extends z.ZodType> {
  readonly #options: SnapshotCacheOptions<Schema>;
  readonly #stored;
  readonly #memory = new Map<string, { loaded_at_ms: number; value: z.output<Schema> }>();

  constructor(options: SnapshotCacheOptions<Schema>) {
    this.#options = options;
    this.#stored = z.object({ loaded_at_ms: z.int(), value: options.schema });
  }

  /** The value under `key`, or undefined when no tier has one that is fresh enough. */
  async get(key: string): Promise<z.output<Schema> | undefined> {
    const known = this.#memory.get(key);
    if (known !== undefined && this.#isFresh(known.loaded_at_ms)) return known.value;
    this.#memory.delete(key);
    const response = await (await caches.open(CACHE_NAME)).match(this.#url(key));
    if (response === undefined) return undefined;
    const stored = this.#stored.safeParse(await response.json());
    if (!stored.success || !this.#isFresh(stored.data.loaded_at_ms)) return undefined;
    const { loaded_at_ms, value } = stored.data as { loaded_at_ms: number; value: z.output<Schema> };
    this.#remember(key, { loaded_at_ms, value });
    return value;
  }

  /** Keeps `value` in both tiers; the colo's copy is written after the response. */
  put(key: string, value: z.output<Schema>, waitUntil: (promise: Promise<unknown>) => void): void {
    const entry = { loaded_at_ms: Date.now(), value };
    this.#remember(key, entry);
    const response = Response.json(entry, {
      headers: { 'cache-control': `max-age=${Math.ceil(this.#options.age_max_ms / 1_000)}` },
    });
    waitUntil(caches.open(CACHE_NAME).then((cache) => cache.put(this.#url(key), response)));
  }

  #isFresh(loadedAtMs: number): boolean {
    return Date.now() - loadedAtMs < this.#options.age_max_ms;
  }

  #remember(key: string, entry: { loaded_at_ms: number; value: z.output<Schema> }): void {
    this.#memory.delete(key);
    this.#memory.set(key, entry);
    const oldest = this.#memory.keys().next();
    if (this.#memory.size > this.#options.entries_max && oldest.done !== true)
      this.#memory.delete(oldest.value);
  }

  /** A hostname nobody can request: the entries are reachable through the cache API alone. */
  #url(key: string): string {
    return `https://snapshots.invalid/${this.#options.name}/${encodeURIComponent(key)}`;
  }
}
