/** A Map of at most `entries_max` entries: a new one drops the oldest. Setting a key again makes its entry the newest. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #entries_max: number;

  constructor(entries_max: number) {
    super();
    this.#entries_max = entries_max;
  }

  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    const oldest = this.keys().next();
    if (this.size > this.#entries_max && oldest.done !== true) this.delete(oldest.value);
    return this;
  }
}
