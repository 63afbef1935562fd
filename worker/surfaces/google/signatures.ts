import { z } from 'zod';
import type { ReasoningPart } from '../../../contracts/chat/chat.ts';

/**
 * Signatures of reasoning that another provider than Google made, as the `thoughtSignature` of a part: base64, since clients decode it.
 * Clients keep it and send it back unread. Pure.
 */

/** Google's own signatures do not begin with it. */
const PREFIX = 'reasoning-1:';
const carried = z.strictObject({ signature: z.string().optional(), encrypted: z.string().optional() });

type Carried = Pick<ReasoningPart, 'signature' | 'encrypted'>;

/** Returns the signature of a thought; null for one that no provider wants back. */
export function thoughtSignatureOf({ signature, encrypted }: Carried): string | null {
  if (!signature && encrypted === undefined) return null;
  const json = JSON.stringify(encrypted === undefined ? { signature } : { encrypted });
  return Buffer.from(PREFIX + json).toString('base64');
}

/** Returns what a signature of ours carries; null for one of Google's. */
export function carriedBy(thoughtSignature: string): Carried | null {
  try {
    const text = Buffer.from(thoughtSignature, 'base64').toString();
    return text.startsWith(PREFIX) ? carried.parse(JSON.parse(text.slice(PREFIX.length))) : null;
  } catch {
    return null;
  }
}
