import type { ReasoningPart } from '../../../contracts/chat/chat.ts';
import { signedThinkingIn } from '../chat/reasoning-details.ts';
import { fieldsOf } from '../metering/reported-usage.ts';

/** Reads what a message or a delta of OpenAI's chat completions says. Pure. */

/** Text and reasoning. */
type Said = { text: string; reasoning: string };

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The text in a part's field: itself, or the texts of a list of parts, as Mistral nests them in a part of thinking. */
function textIn(value: unknown): string {
  if (!Array.isArray(value)) return stringOf(value);
  return value.map((part) => stringOf(part) || stringOf(fieldsOf(part)?.text)).join('');
}

function partOf(part: unknown): Said {
  if (typeof part === 'string') return { text: part, reasoning: '' };
  const { type, text, thinking, reasoning, refusal } = fieldsOf(part) ?? {};
  const isReasoning = type === 'thinking' || type === 'reasoning';
  if (isReasoning) return { text: '', reasoning: textIn(thinking) || textIn(reasoning) || stringOf(text) };
  return { text: stringOf(text) || stringOf(fieldsOf(text)?.value) || stringOf(refusal), reasoning: '' };
}

/**
 * The text and the reasoning of a content: a string, a list of parts, one part, or null. Servers that read each piece as JSON send
 * numbers and truth values as such.
 */
export function contentOf(content: unknown): Said {
  if (typeof content === 'string') return { text: content, reasoning: '' };
  if (typeof content === 'number' || typeof content === 'boolean')
    return { text: String(content), reasoning: '' };
  if (typeof content !== 'object' || content === null) return { text: '', reasoning: '' };
  const parts = (Array.isArray(content) ? content : [content]).map(partOf);
  return {
    text: parts.map(({ text }) => text).join(''),
    reasoning: parts.map(({ reasoning }) => reasoning).join(''),
  };
}

/** The text of reasoning in the form of OpenRouter. */
const textOfDetails = (details: unknown): string =>
  (Array.isArray(details) ? details : [])
    .map((detail) => stringOf(fieldsOf(detail)?.text) || stringOf(fieldsOf(detail)?.summary))
    .join('');

/** The reasoning beside a content, by the names that servers give it. Some send the same under several names. */
const reasoningBeside = (said: Record<string, unknown>): string =>
  stringOf(said.reasoning_content) ||
  stringOf(said.reasoning) ||
  stringOf(said.reasoning_text) ||
  stringOf(said.thinking) ||
  stringOf(fieldsOf(said.reasoning)?.content) ||
  stringOf(fieldsOf(said.reasoning)?.text) ||
  textOfDetails(said.reasoning_details);

/**
 * The reasoning that is said, in the content or beside it. LiteLLM tells the signatures of Anthropic's in blocks: with the text again in a
 * message, without it in a stream.
 */
export function reasoningIn(said: Record<string, unknown>, inContent: string): ReasoningPart[] {
  const text = inContent || reasoningBeside(said);
  const signed = signedThinkingIn(said.thinking_blocks);
  const isRepeated = signed.some((part) => part.text !== '');
  return text === '' || isRepeated ? signed : [{ text }, ...signed];
}

/** The text of a refusal. */
export const refusalOf = ({ refusal }: Record<string, unknown>): string => stringOf(refusal);
