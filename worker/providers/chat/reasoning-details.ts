import type { ReasoningPart } from '../../../contracts/chat/chat.ts';
import { fieldsOf } from '../metering/reported-usage.ts';

/**
 * Reasoning with signatures as OpenRouter writes it (`reasoning_details`, openrouter.ai/docs/use-cases/reasoning-tokens): the one form
 * of it that clients of chat completions send back. Pure.
 */

/** One detail of the kinds that have a neutral form. */
type Detail = {
  type: 'reasoning.text' | 'reasoning.encrypted';
  text?: string;
  signature?: string;
  data?: string;
  index: number;
};

/** A piece of reasoning as a detail. `index` numbers the pieces of an answer: pieces of one number belong together. */
export const detailOf = ({ text, signature, encrypted }: ReasoningPart, index: number): Detail =>
  encrypted === undefined
    ? { type: 'reasoning.text', text, ...(signature !== undefined && { signature }), index }
    : { type: 'reasoning.encrypted', data: encrypted, index };

/** True for reasoning that only its provider can vouch for. */
export const isSigned = ({ signature, encrypted }: ReasoningPart): boolean =>
  signature !== undefined || encrypted !== undefined;

/** The details of reasoning that is signed or encrypted; undefined if none of it is. */
export const detailsOf = (reasoning: readonly ReasoningPart[]): Detail[] | undefined =>
  reasoning.some(isSigned) ? reasoning.map(detailOf) : undefined;

/** The reasoning in details that are signed or encrypted; empty if none of it is. Details of other kinds have no neutral form. */
export function signedReasoningIn(details: readonly unknown[]): ReasoningPart[] {
  const parts = details.flatMap((detail): ReasoningPart[] => {
    const { type, text, signature, data } = fieldsOf(detail) ?? {};
    if (type === 'reasoning.encrypted' && typeof data === 'string') return [{ text: '', encrypted: data }];
    if (type !== 'reasoning.text' || typeof text !== 'string') return [];
    return [{ text, ...(typeof signature === 'string' && signature !== '' && { signature }) }];
  });
  return parts.some(isSigned) ? parts : [];
}

/** Reasoning with signatures as LiteLLM writes that of Anthropic: `thinking_blocks`. Undefined if none of it is signed or encrypted. */
export const thinkingBlocksOf = (reasoning: readonly ReasoningPart[]): object[] | undefined =>
  reasoning.some(isSigned)
    ? reasoning.map(({ text, signature, encrypted }) =>
        encrypted === undefined
          ? { type: 'thinking', thinking: text, ...(signature !== undefined && { signature }) }
          : { type: 'redacted_thinking', data: encrypted },
      )
    : undefined;

/** The reasoning in `thinking_blocks` that are signed or encrypted; empty if none of it is: then it is told as text elsewhere. */
export function signedThinkingIn(blocks: unknown): ReasoningPart[] {
  const parts = (Array.isArray(blocks) ? blocks : []).flatMap((block): ReasoningPart[] => {
    const { type, thinking, signature, data } = fieldsOf(block) ?? {};
    if (type === 'redacted_thinking') return isText(data) ? [{ text: '', encrypted: data }] : [];
    if (type !== 'thinking') return [];
    return [
      { text: isText(thinking) ? thinking : '', ...(isText(signature) && signature !== '' && { signature }) },
    ];
  });
  return parts.some(isSigned) ? parts : [];
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Two consecutive details as one, or null if they are not pieces of one: a stream sends each in pieces that share a number and a type.
 * Texts are put together; of other fields the newest value counts.
 */
function mergeDetails(before: unknown, after: unknown): Record<string, unknown> | null {
  const first = fieldsOf(before);
  const second = fieldsOf(after);
  if (first === null || second === null || first.index === undefined) return null;
  if (first.index !== second.index || first.type !== second.type) return null;
  const merged = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const isPiece = ['text', 'summary', 'data'].includes(name) && isText(merged[name]) && isText(value);
    if (value !== null) merged[name] = isPiece ? `${merged[name]}${value}` : value;
  }
  return merged;
}

/** The details of an answer with more of them. */
export function withDetails(details: readonly unknown[], more: readonly unknown[]): unknown[] {
  const all = [...details];
  for (const detail of more) {
    const merged = all.length === 0 ? null : mergeDetails(all.at(-1), detail);
    if (merged === null) all.push(detail);
    else all[all.length - 1] = merged;
  }
  return all;
}
