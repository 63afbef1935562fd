import { z } from 'zod';
import { BoundedMap } from '../../contracts/bounded-map.ts';

/** Options of a cache with two tiers: the memory of this isolate, then the cache of the colo. */
export type SnapshotCacheOptions<Schema extends z.ZodType> = {
  /**
   * Part of every key, which keeps kinds of snapshots apart. Raise the number when a stored field changes its meaning; an
   * entry that lacks a new field is not used.
   */
  name: string;
  schema: Schema;
  /** The age up to which a snapshot is served. */
  age_max_ms: number;
  /** The age up to which a snapshot is served while the database is unavailable. */
  stale_max_ms: number;
  /** The most entries in memory; the oldest is dropped first. */
  entries_max: number;
};

const CACHE_NAME = 'snapshots';

/** The share of its age after which a value is loaded again while it is still served, so that no request waits for a busy key. */
const REFRESH_SHARE = 0.75;

/**
 * Time after which an isolate reads the colo's cache again, which needs no database round trip. An invalidation in the colo
 * reaches every isolate within it.
 */
const MEMORY_AGE_MAX_MS = 5_000;

type Entry<Value> = { loaded_at_ms: number; value: Value };

/**
 * A two-tier cache of bounded age. No limit depends on a value served late: the wallet and `app.enter` decide about balance
 * and revocation. Entries of the colo's cache are parsed when read, because another version of this code may have written
 * them.
 */
export class SnapshotCache<Schema extends z.ZodType> {
  readonly #options: SnapshotCacheOptions<Schema>;
  readonly #stored;
  readonly #memory: BoundedMap<string, Entry<z.output<Schema>> & { remembered_at_ms: number }>;
  /** Times at which this isolate last began to load a key ahead. */
  readonly #refreshed_at_ms: BoundedMap<string, number>;
  /** Times at which keys were invalidated in this isolate. Values loaded before that are not served. */
  readonly #forgotten_at_ms: BoundedMap<string, number>;

  constructor(options: SnapshotCacheOptions<Schema>) {
    this.#options = options;
    this.#stored = z.object({ loaded_at_ms: z.int(), value: options.schema });
    this.#memory = new BoundedMap(options.entries_max);
    this.#forgotten_at_ms = new BoundedMap(options.entries_max);
    this.#refreshed_at_ms = new BoundedMap(options.entries_max);
  }

  /**
   * Returns the value of a key, or undefined when no tier has one of at most `age_max_ms`. Calls `refresh` when the value should be
   * loaded again meanwhile, because its age is near that maximum.
   */
  async get(
    key: string,
    refresh: () => void = () => undefined,
    age_max_ms = this.#options.age_max_ms,
  ): Promise<z.output<Schema> | undefined> {
    const known = this.#memory.get(key);
    const isRecent = known !== undefined && Date.now() - known.remembered_at_ms < MEMORY_AGE_MAX_MS;
    const found = isRecent && this.#isFresh(key, known, age_max_ms) ? known : await this.#fromColo(key);
    if (found === undefined || !this.#isFresh(key, found, age_max_ms)) return undefined;
    if (found !== known) this.#remember(key, found);
    if (this.#isDue(key, found, age_max_ms)) refresh();
    return found.value;
  }

  /** Returns the value of a key up to `stale_max_ms` old, for an outage of the database. */
  async getStale(key: string): Promise<z.output<Schema> | undefined> {
    const known = (await this.#fromColo(key)) ?? this.#memory.get(key);
    const isKept = known !== undefined && Date.now() - known.loaded_at_ms < this.#options.stale_max_ms;
    return isKept ? known.value : undefined;
  }

  /**
   * Stores a value that was loaded at `asked_at_ms` in both tiers, in the colo's cache after the response. Does nothing when
   * the key was invalidated since, because the value may be older than the change.
   */
  put(
    key: string,
    value: z.output<Schema>,
    asked_at_ms: number,
    waitUntil: (promise: Promise<unknown>) => void,
  ): void {
    const entry = { loaded_at_ms: asked_at_ms, value };
    if (!this.#isFresh(key, entry, this.#options.age_max_ms)) return;
    this.#remember(key, entry);
    const response = Response.json(entry, {
      headers: { 'cache-control': `max-age=${Math.ceil(this.#options.stale_max_ms / 1_000)}` },
    });
    waitUntil(caches.open(CACHE_NAME).then((cache) => cache.put(this.#url(key), response)));
  }

  /** Invalidates a key: here and in the colo's cache at once, in the memory of the colo's other isolates within seconds. */
  async forget(key: string): Promise<void> {
    this.#memory.delete(key);
    this.#forgotten_at_ms.set(key, Date.now());
    await (await caches.open(CACHE_NAME)).delete(this.#url(key));
  }

  /** Invalidates the keys in this isolate's memory whose values match, as {@link forget} does. */
  async forgetWhere(matches: (value: z.output<Schema>) => boolean): Promise<void> {
    const keys = [...this.#memory].flatMap(([key, { value }]) => (matches(value) ? [key] : []));
    await Promise.all(keys.map((key) => this.forget(key)));
  }

  #isFresh(key: string, { loaded_at_ms }: Entry<unknown>, age_max_ms: number): boolean {
    const isYoung = Date.now() - loaded_at_ms < age_max_ms;
    return isYoung && loaded_at_ms > (this.#forgotten_at_ms.get(key) ?? 0);
  }

  /** True for a value that should be loaded again, to one request of the isolate until the value is too old. */
  #isDue(key: string, { loaded_at_ms }: Entry<unknown>, age_max_ms: number): boolean {
    const now_ms = Date.now();
    if (now_ms - loaded_at_ms < REFRESH_SHARE * age_max_ms) return false;
    if (now_ms - (this.#refreshed_at_ms.get(key) ?? 0) < (1 - REFRESH_SHARE) * age_max_ms) return false;
    this.#refreshed_at_ms.set(key, now_ms);
    return true;
  }

  async #fromColo(key: string): Promise<Entry<z.output<Schema>> | undefined> {
    const response = await (await caches.open(CACHE_NAME)).match(this.#url(key));
    if (response === undefined) return undefined;
    const stored = this.#stored.safeParse(await response.json());
    return stored.success ? (stored.data as Entry<z.output<Schema>>) : undefined;
  }

  #remember(key: string, entry: Entry<z.output<Schema>>): void {
    this.#memory.set(key, { ...entry, remembered_at_ms: Date.now() });
  }

  /** Uses a hostname that cannot be requested, so that entries are only reachable through the cache API. */
  #url(key: string): string {
    return `https://snapshots.invalid/${this.#options.name}/${encodeURIComponent(key)}`;
  }
}
