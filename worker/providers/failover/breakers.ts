import { BoundedMap } from '../../../contracts/bounded-map.ts';
import type { ProviderFailure } from '../provider.ts';
import {
  type Breaker,
  CLOSED,
  COOLDOWN_MS_MAX,
  FIRST_COOLDOWN_MS,
  isCoolingDown,
  isRefusal,
  onAnswer,
  onAttempt,
  onFailure,
} from './breaker.ts';

/** The breakers of credentials, by their keys, as one caller finds and changes them. Times are epoch milliseconds. */
export interface Breakers {
  of(key: string, now_ms: number): Breaker;
  attempted(key: string, now_ms: number, timeout_ms: number): void;
  answered(key: string, started_ms: number): void;
  failed(key: string, failure: ProviderFailure, started_ms: number, now_ms: number): void;
}

/** Breakers that are kept in a Map. A closed breaker without failures is removed, so the Map stays small. */
export class KeptBreakers implements Breakers {
  readonly #kept: Map<string, Breaker>;

  constructor(kept: Map<string, Breaker>) {
    this.#kept = kept;
  }

  of(key: string): Breaker {
    return this.#kept.get(key) ?? CLOSED;
  }

  attempted(key: string, now_ms: number, timeout_ms: number): void {
    this.#keep(key, onAttempt(this.of(key), now_ms, timeout_ms));
  }

  answered(key: string, started_ms: number): void {
    this.#keep(key, onAnswer(this.of(key), started_ms));
  }

  failed(key: string, failure: ProviderFailure, started_ms: number, now_ms: number): void {
    this.#keep(key, onFailure(this.of(key), failure, started_ms, now_ms));
  }

  /** The probe ended in a way that says nothing about the credential: another may follow at once. */
  undecided(key: string, now_ms: number): void {
    const breaker = this.of(key);
    if (breaker.state === 'half_open') this.#keep(key, { ...breaker, state: 'open', until_ms: now_ms });
  }

  #keep(key: string, breaker: Breaker): void {
    if (breaker.state === 'closed' && breaker.failures === 0) this.#kept.delete(key);
    else this.#kept.set(key, breaker);
  }
}

/** So many tenants must fail at a credential, without an answer to anybody since, before others leave it alone. */
export const TENANTS_TO_OPEN = 3;
/** Most credentials, and most failing tenants of each, that are remembered. */
const KEYS_MAX = 2_000;
const TENANTS_MAX = 200;

/** The breakers of the tenants that fail at one credential, and the start of the latest attempt that it answered. */
type Credential = { tenants: Map<string, Breaker>; answered_ms: number };

/** When a tenant's failures began, and until when they speak against the credential. */
function evidenceOf(breaker: Breaker): { at_ms: number; until_ms: number } {
  if (breaker.state === 'closed') {
    const at_ms = breaker.first_failure_ms;
    return { at_ms, until_ms: at_ms + FIRST_COOLDOWN_MS };
  }
  const { opened_ms: at_ms, until_ms } = breaker;
  return { at_ms, until_ms: Math.min(until_ms, at_ms + COOLDOWN_MS_MAX) };
}

/** Returns the time until which enough tenants speak against a credential; 0 if they do not. */
function sharedUntilMs({ tenants, answered_ms }: Credential): number {
  const untils = [...tenants.values()]
    .map(evidenceOf)
    .filter(({ at_ms }) => at_ms > answered_ms)
    .map(({ until_ms }) => until_ms)
    .sort((a, b) => b - a);
  return untils[TENANTS_TO_OPEN - 1] ?? 0;
}

/**
 * The breakers of an isolate, whose credentials many tenants share. A tenant can provoke time-outs, rate limits and broken streams, so they
 * open the breaker for that tenant alone, and for all only when several tenants meet them and nobody is answered. A refused credential
 * concerns everybody at once.
 */
export class SharedBreakers {
  readonly #refused = new KeptBreakers(new BoundedMap(KEYS_MAX));
  readonly #credentials = new BoundedMap<string, Credential>(KEYS_MAX);

  /** The breakers as a tenant's executions find them. */
  forTenant(tenant_id: string): Breakers {
    return {
      of: (key, now_ms) => this.#of(tenant_id, key, now_ms),
      attempted: (key, now_ms, timeout_ms) => {
        this.#refused.attempted(key, now_ms, timeout_ms);
        this.#change(tenant_id, key, (own) => onAttempt(own, now_ms, timeout_ms));
      },
      answered: (key, started_ms) => this.#answered(tenant_id, key, started_ms),
      failed: (key, failure, started_ms, now_ms) => {
        if (failure.kind === 'authentication') this.#refused.failed(key, failure, started_ms, now_ms);
        else if (isRefusal(failure)) this.#answered(tenant_id, key, started_ms);
        else {
          this.#refused.undecided(key, now_ms);
          this.#change(tenant_id, key, (own) => onFailure(own, failure, started_ms, now_ms));
        }
      },
    };
  }

  #of(tenant_id: string, key: string, now_ms: number): Breaker {
    const credential = this.#credentials.get(key);
    const own = credential?.tenants.get(tenant_id) ?? CLOSED;
    const refused = this.#refused.of(key);
    const until_ms = credential === undefined ? 0 : sharedUntilMs(credential);
    const shared: Breaker = { state: 'open', opened_ms: now_ms, until_ms, openings: 1 };
    return [own, refused, shared].find((breaker) => isCoolingDown(breaker, now_ms)) ?? own;
  }

  #answered(tenant_id: string, key: string, started_ms: number): void {
    this.#refused.answered(key, started_ms);
    this.#change(tenant_id, key, (own) => onAnswer(own, started_ms));
    const credential = this.#credentials.get(key);
    if (credential !== undefined) credential.answered_ms = Math.max(credential.answered_ms, started_ms);
  }

  #change(tenant_id: string, key: string, change: (own: Breaker) => Breaker): void {
    const known = this.#credentials.get(key);
    const own = change(known?.tenants.get(tenant_id) ?? CLOSED);
    if (own.state === 'closed' && own.failures === 0) known?.tenants.delete(tenant_id);
    else {
      const credential = known ?? { tenants: new BoundedMap<string, Breaker>(TENANTS_MAX), answered_ms: 0 };
      credential.tenants.set(tenant_id, own);
      this.#credentials.set(key, credential);
    }
    if (known?.tenants.size === 0) this.#credentials.delete(key);
  }
}
