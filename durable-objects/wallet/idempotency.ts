import type { Repeated, ReserveCommand } from './commands.ts';

/**
 * Pure: what an Idempotency-Key stands for. It is claimed with the reservation and gets its answer with the settlement, in the
 * same transactions, so however often and however much at once a request is sent, it has one effect.
 */

/** As long as the field keeps them: a client that retries does so within the day. */
const KEPT_MS = 86_400_000;

export type IdempotencyRecord = {
  key: string;
  /** Digest of the request it came with first. */
  fingerprint: string;
  execution_id: string;
  /** False while the execution runs. */
  done: boolean;
  /** The answer, as its caller will want it again; null when it was too large to keep, or its user deleted it. */
  answer: string | null;
  /** Its user deleted what was said, perhaps before it was: no answer is kept. */
  is_forgotten?: true;
  expires_at_ms: number;
};

/** How a key that is known is answered. */
export function answerRepeatedKey(
  record: IdempotencyRecord,
  fingerprint: string,
  available: number,
): Repeated {
  const { execution_id, done, answer } = record;
  if (record.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
  return done
    ? { ok: false, code: 'already_done', execution_id, answer, available }
    : { ok: false, code: 'already_running', execution_id };
}

/** Claims a key for an execution that begins. */
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

/** The execution ended: charged, its key stands for its answer from now on; not charged, the key may be tried again. */
export const endOfKey = (
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

/** Its user deleted what was said: the key stands for no answer from now on, though it still has one effect. */
export const forgetAnswer = (record: IdempotencyRecord): IdempotencyRecord => ({
  ...record,
  answer: null,
  is_forgotten: true,
});
