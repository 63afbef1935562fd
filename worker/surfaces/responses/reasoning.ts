import { z } from 'zod';
import type { ReasoningPart } from '../../../contracts/chat/chat.ts';

/**
 * The part of its reasoning that a provider wants back, as the `encrypted_content` of an item: the signature of a text, or reasoning that only the
 * provider can read. Clients keep it and send it back unread. Pure.
 */

const PREFIX = 'v1.';
const carried = z.strictObject({ signature: z.string().optional(), encrypted: z.string().optional() });

/** Returns what an item of reasoning carries; null for reasoning that no provider wants back. */
export function encryptedContentOf({ signature, encrypted }: ReasoningPart): string | null {
  if (!signature && encrypted === undefined) return null;
  return PREFIX + JSON.stringify(encrypted === undefined ? { signature } : { encrypted });
}

function carriedBy(content: string | null | undefined): z.infer<typeof carried> {
  if (!content?.startsWith(PREFIX)) return {};
  try {
    return carried.parse(JSON.parse(content.slice(PREFIX.length)));
  } catch {
    // Written by another server: no provider of ours could read it.
    return {};
  }
}

/** Returns the reasoning of an item; null for one that says nothing here, such as one that another server encrypted. */
export function reasoningOf(
  summary: { text: string }[],
  encrypted_content: string | null | undefined,
): ReasoningPart | null {
  const text = summary.map((part) => part.text).join('\n\n');
  const { signature, encrypted } = carriedBy(encrypted_content);
  if (text === '' && signature === undefined && encrypted === undefined) return null;
  return {
    text: encrypted === undefined ? text : '',
    ...(signature !== undefined && { signature }),
    ...(encrypted !== undefined && { encrypted }),
  };
}
