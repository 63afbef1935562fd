import { createHash } from 'node:crypto';
import { providerKindIds } from '../../contracts/catalog/provider-kinds.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { Fault } from './faults.ts';

/** One request that arrived, without its key or its text. */
export type LoggedRequest = {
  at_ms: number;
  provider: ProviderKind;
  path: string;
  model: string | null;
  stream: boolean;
  max_output_tokens: number | null;
  fault: Fault['mode'];
  /** Identifies a key without revealing it; null if none was sent. */
  key_fingerprint: string | null;
};

const REQUESTS_KEPT = 200;

const none = (): Record<ProviderKind, number> =>
  Object.fromEntries(providerKindIds.map((kind) => [kind, 0])) as Record<ProviderKind, number>;

/** The first eight hex digits of a key's SHA-256. */
export const fingerprint = (key: string | null): string | null =>
  key === null ? null : createHash('sha256').update(key).digest('hex').slice(0, 8);

/** Counts requests, and keeps the last of them. */
export class RequestLog {
  #counts = none();
  #counted = none();
  #last: LoggedRequest[] = [];
  #inProgress = 0;

  /** Counts a request in progress. Call the returned function when its connection is closed. */
  begin(): () => void {
    this.#inProgress += 1;
    return () => {
      this.#inProgress -= 1;
    };
  }

  add(request: LoggedRequest): void {
    this.#counts[request.provider] += 1;
    this.#last.push(request);
    if (this.#last.length > REQUESTS_KEPT) this.#last.shift();
  }

  /** Counts a request to count tokens. */
  addCount(provider: ProviderKind): void {
    this.#counted[provider] += 1;
  }

  read() {
    const total = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
    return {
      total,
      by_provider: { ...this.#counts },
      counted_by_provider: { ...this.#counted },
      in_progress: this.#inProgress,
      requests: [...this.#last],
    };
  }

  reset(): void {
    this.#counts = none();
    this.#counted = none();
    this.#last = [];
  }
}
