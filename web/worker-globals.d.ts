/**
 * The client's types are inferred from the Worker's own routes, so the compiler reads the Worker's sources here too. This
 * is what they use of their runtime that the DOM's types lack.
 */
interface CacheStorage {
  readonly default: Cache;
}
