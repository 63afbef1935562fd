import { canonicalJson, sha256Hex } from '../../../journal/hash.ts';
import type { IdempotencyRefusal, ReserveCommand } from '../commands.ts';

/**
 * Pure: Idempotency-Keys. A key is claimed with the reservation and gets its answer with the settlement, in the same
 * transactions, so that repeated and concurrent requests have one effect.
 */

/** Hash of an operation's parameters. A repetition has the same hash. */
export const fingerprintOf = (value: unknown): string => sha256Hex(canonicalJson(value));

/** Keys are kept for 24 hours after the claim or the answer, as in Stripe's API. */
const KEPT_MS = 86_400_000;

export type IdempotencyRecord = {
  key: string;
  /** Digest of the first request with this key. */
  fingerprint: string;
  execution_id: string;
  /** False while the execution runs. */
  done: boolean;
  /** The answer to repetitions; null when it was too large to keep, or the user deleted it. */
  answer: string | null;
  /** The user deleted the answer, perhaps before the execution ended: none is kept. */
  is_forgotten?: true;
  expires_at_ms: number;
};

/** The refusal of a reserve whose key is already in use. */
export function refuseRepeatedKey(
  record: IdempotencyRecord,
  fingerprint: string,
  available: number,
): IdempotencyRefusal {
  const { execution_id, done, answer } = record;
  if (record.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
  return done
    ? { ok: false, code: 'already_done', execution_id, answer, available }
    : { ok: false, code: 'already_running', execution_id };
}

/** Claims a key for an execution. */
export const claimKey = (
  { key, fingerprint }: NonNullable<ReserveCommand['idempotency']>,
  execution_id: string,
  nowMs: number,
): IdempotencyRecord => ({
  key,
  fingerprint,
  execution_id,
  done: false,
  answer: null,
  expires_at_ms: nowMs + KEPT_MS,
});

/** Completes the key of an execution that ended. After a charge it keeps the answer; otherwise it is freed for a retry. */
export const completeKey = (
  record: IdempotencyRecord,
  charged: boolean,
  answer: string | undefined,
  nowMs: number,
): { idempotency: IdempotencyRecord } | { freed_key: string } =>
  charged
    ? {
        idempotency: {
          ...record,
          done: true,
          answer: record.is_forgotten === true ? null : (answer ?? null),
          expires_at_ms: nowMs + KEPT_MS,
        },
      }
    : { freed_key: record.key };

/** Removes the kept answer. The key stays in use. */
export const forgetAnswer = (record: IdempotencyRecord): IdempotencyRecord => ({
  ...record,
  answer: null,
  is_forgotten: true,
});
