import { z } from 'zod';

/** Where a snapshot may be found before the database is asked: this isolate's memory, then this colo's cache. */
export type SnapshotCacheOptions<Schema extends z.ZodType> = {
  /** Part of every key, so that two kinds of snapshot never meet. Raise the number when the schema changes. */
  name: string;
  schema: Schema;
  /** No snapshot older than this is served, whichever tier holds it... */
  age_max_ms: number;
  /** ...but for an outage of the database, which snapshots outlive by this much. */
  stale_max_ms: number;
  /** Bound on this isolate's memory; the oldest entry goes first. */
  entries_max: number;
};

const CACHE_NAME = 'snapshots';

/**
 * How long an isolate trusts its memory before it looks into the colo's cache again, which costs no round trip to the
 * database: so what was forgotten there is forgotten by all of the colo soon.
 */
const MEMORY_AGE_MAX_MS = 5_000;

type Entry<Value> = { loaded_at_ms: number; value: Value };

/**
 * A two-tier cache with a bounded age. What it may serve late is never what a limit rests on: revocation and balance are
 * decided by the wallet and by `app.enter`. Entries are parsed on the way out of the colo's cache, since another
 * version of this code may have written them.
 */
export class SnapshotCache<Schema extends z.ZodType> {
  readonly #options: SnapshotCacheOptions<Schema>;
  readonly #stored;
  readonly #memory = new Map<string, Entry<z.output<Schema>> & { remembered_at_ms: number }>();
  /** When keys were forgotten here: what was read before then holds no more, wherever it turns up. */
  readonly #forgotten_at_ms = new Map<string, number>();

  constructor(options: SnapshotCacheOptions<Schema>) {
    this.#options = options;
    this.#stored = z.object({ loaded_at_ms: z.int(), value: options.schema });
  }

  /** The value under `key`, or undefined when no tier has one that is fresh enough. */
  async get(key: string): Promise<z.output<Schema> | undefined> {
    const known = this.#memory.get(key);
    const isRecent = known !== undefined && Date.now() - known.remembered_at_ms < MEMORY_AGE_MAX_MS;
    if (isRecent && this.#isFresh(key, known)) return known.value;
    const stored = await this.#fromColo(key);
    if (stored === undefined || !this.#isFresh(key, stored)) return undefined;
    this.#remember(key, stored);
    return stored.value;
  }

  /** The value under `key`, however old: for when the database cannot be asked. */
  async getStale(key: string): Promise<z.output<Schema> | undefined> {
    const known = (await this.#fromColo(key)) ?? this.#memory.get(key);
    const isKept = known !== undefined && Date.now() - known.loaded_at_ms < this.#options.stale_max_ms;
    return isKept ? known.value : undefined;
  }

  /**
   * Keeps `value`, which the database was asked for at `asked_at_ms`, in both tiers; the colo's copy is written after the response.
   * When the key was forgotten since, the value may be from before the change, and is not kept.
   */
  put(
    key: string,
    value: z.output<Schema>,
    asked_at_ms: number,
    waitUntil: (promise: Promise<unknown>) => void,
  ): void {
    const entry = { loaded_at_ms: asked_at_ms, value };
    if (!this.#isFresh(key, entry)) return;
    this.#remember(key, entry);
    const response = Response.json(entry, {
      headers: { 'cache-control': `max-age=${Math.ceil(this.#options.stale_max_ms / 1_000)}` },
    });
    waitUntil(caches.open(CACHE_NAME).then((cache) => cache.put(this.#url(key), response)));
  }

  /** Forgets `key`: here and in the colo's cache at once, in the memory of the colo's other isolates within seconds. */
  async forget(key: string): Promise<void> {
    this.#memory.delete(key);
    this.#keepNewest(this.#forgotten_at_ms, key, Date.now());
    await (await caches.open(CACHE_NAME)).delete(this.#url(key));
  }

  #isFresh(key: string, { loaded_at_ms }: Entry<unknown>): boolean {
    const isYoung = Date.now() - loaded_at_ms < this.#options.age_max_ms;
    return isYoung && loaded_at_ms > (this.#forgotten_at_ms.get(key) ?? 0);
  }

  async #fromColo(key: string): Promise<Entry<z.output<Schema>> | undefined> {
    const response = await (await caches.open(CACHE_NAME)).match(this.#url(key));
    if (response === undefined) return undefined;
    const stored = this.#stored.safeParse(await response.json());
    return stored.success ? (stored.data as Entry<z.output<Schema>>) : undefined;
  }

  #remember(key: string, entry: Entry<z.output<Schema>>): void {
    this.#keepNewest(this.#memory, key, { ...entry, remembered_at_ms: Date.now() });
  }

  #keepNewest<Kept>(map: Map<string, Kept>, key: string, kept: Kept): void {
    map.delete(key);
    map.set(key, kept);
    const oldest = map.keys().next();
    if (map.size > this.#options.entries_max && oldest.done !== true) map.delete(oldest.value);
  }

  /** A hostname nobody can request: the entries are reachable through the cache API alone. */
  #url(key: string): string {
    return `https://snapshots.invalid/${this.#options.name}/${encodeURIComponent(key)}`;
  }
}
