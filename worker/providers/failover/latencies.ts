import { BoundedMap } from '../../../contracts/bounded-map.ts';

/** The times to the first event of calls, as an isolate has seen them. Times are epoch milliseconds. */

type Measured = { latency_ms: number; at_ms: number };

/** Longest age of a latency. Then the model is asked again, since it may have become faster. */
const AGE_MAX_MS = 300_000;
/** The part of the newest call in the average. */
const NEWEST = 0.3;
/** A call that failed counts as one that took so much longer. */
const FAILED_MS = 10_000;
/** Most models that are remembered, of all tenants. */
const KEYS_MAX = 5_000;

/** A moving average for each tenant and model. A tenant cannot change what another one sees. */
export class Latencies {
  readonly #measured = new BoundedMap<string, Measured>(KEYS_MAX);

  /** Records the time to the first event of a call, or to its failure. */
  record(
    tenant_id: string,
    key: string,
    call: { latency_ms: number; failed: boolean },
    now_ms: number,
  ): void {
    const latency_ms = call.latency_ms + (call.failed ? FAILED_MS : 0);
    const before = this.of(tenant_id, key, now_ms);
    const average = before === null ? latency_ms : before * (1 - NEWEST) + latency_ms * NEWEST;
    this.#measured.set(`${tenant_id}/${key}`, { latency_ms: average, at_ms: now_ms });
  }

  /** Returns the average in milliseconds; null if there was no call of late. */
  of(tenant_id: string, key: string, now_ms: number): number | null {
    const measured = this.#measured.get(`${tenant_id}/${key}`);
    if (measured === undefined || now_ms - measured.at_ms > AGE_MAX_MS) return null;
    return measured.latency_ms;
  }
}
