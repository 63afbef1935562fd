import type { Usage } from '../../../contracts/usage.ts';
import type { StreamEvent } from '../provider.ts';

/** The amount of what an answer says, as evidence for the usage that is reported for it. Pure. */

function charsOf(event: StreamEvent): number {
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return event.text.length;
    case 'tool_arguments':
      return event.json.length;
    default:
      return 0;
  }
}

/** The characters of text, reasoning and arguments in events. */
export const charsIn = (events: readonly StreamEvent[]): number =>
  events.reduce((sum, event) => sum + charsOf(event), 0);

/** More characters than a token has in any text but rows of one character, and the length below which nothing is judged. */
const CHARS_PER_TOKEN_MAX = 32;
const JUDGED_CHARS_MIN = 256;

/**
 * The usage, or null if so many tokens cannot have said so much: some servers count each chunk of a stream as one answer. Then it is
 * estimated.
 */
export const believedUsage = (usage: Usage | null, said_chars: number): Usage | null =>
  usage !== null && said_chars > JUDGED_CHARS_MIN + usage.output_tokens * CHARS_PER_TOKEN_MAX ? null : usage;
