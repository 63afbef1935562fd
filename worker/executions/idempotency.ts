import { canonicalJson, sha256Hex } from '../../journal/hash.ts';
import type { ExecutionRequest } from './begin-execution.ts';

/** What an Idempotency-Key stands for: the request it came with, at the surface it came to. Undefined without a key. Pure. */
export const idempotencyOf = (
  key: string | undefined,
  surface: string,
  body: unknown,
): ExecutionRequest['idempotency'] =>
  key === undefined ? undefined : { key, fingerprint: sha256Hex(canonicalJson({ surface, body })) };
