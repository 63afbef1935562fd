/** What a simulated model says. The same question always gets the same answer. */

/** One turn of the conversation, in no provider's format. */
export type SimulatedTurn = { role: 'system' | 'user' | 'assistant'; text: string };

export type SimulatedAnswer = {
  text: string;
  /** `text` in the pieces a stream sends. */
  pieces: string[];
  /** Whether the output limit cut it. */
  truncated: boolean;
  input_tokens: number;
  output_tokens: number;
};

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_TURN = 4;
const QUOTE_LENGTH_MAX = 240;

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
const tokensOf = (text: string): number => Math.ceil(bytes(text) / BYTES_PER_TOKEN);

const advice = [
  [
    'Say in one sentence what a good result looks like, and for whom.',
    'Write down what you already know, and mark what you only assume.',
    'Try the smallest version that could work, and look at what it tells you.',
    'Keep what helped, drop the rest, and go round again.',
  ],
  [
    'Start from the outcome you want and work backwards, one step at a time.',
    'Name the step you are least sure of: that is where to begin.',
    'Ask someone who has done it before what surprised them.',
    'Set a date for looking at it again with fresh eyes.',
  ],
  [
    'Split the question in two: what must be true, and what would be nice.',
    'Settle what must be true with facts rather than opinions.',
    'Choose the simplest option that covers it, and note what would change your mind.',
    'Tell those it concerns what you decided, and why.',
  ],
];

function quoteOf(question: string): string {
  const oneLine = question.replace(/\s+/g, ' ').trim();
  return oneLine.length <= QUOTE_LENGTH_MAX ? oneLine : `${oneLine.slice(0, QUOTE_LENGTH_MAX)}…`;
}

function fullAnswer(model: string, question: string): string {
  const steps = advice[bytes(question) % advice.length] ?? [];
  return [
    `You asked: “${quoteOf(question)}”`,
    'Here is how I would go about it:',
    steps.map((step, index) => `${index + 1}. ${step}`).join('\n'),
    `(A simulated answer in the name of ${model}: no AI model was asked. Add a real provider key to get real answers.)`,
  ].join('\n\n');
}

/** The longest beginning of `text` that costs at most `max_tokens`, whole characters only. */
function cut(text: string, max_tokens: number): string {
  let kept = '';
  let used_bytes = 0;
  for (const character of text) {
    used_bytes += bytes(character);
    if (used_bytes > max_tokens * BYTES_PER_TOKEN) break;
    kept += character;
  }
  return kept;
}

/** Answers the last thing the user said, in at most `max_output_tokens`. */
export function answerTo(
  model: string,
  turns: readonly SimulatedTurn[],
  max_output_tokens: number | null,
): SimulatedAnswer {
  const question = turns.findLast(({ role }) => role === 'user')?.text ?? '';
  const full = fullAnswer(model, question);
  const text = max_output_tokens === null ? full : cut(full, max_output_tokens);
  return {
    text,
    pieces: text.match(/\S+\s*|\s+/g) ?? [],
    truncated: text !== full,
    input_tokens: turns.reduce((sum, turn) => sum + tokensOf(turn.text) + TOKENS_PER_TURN, 0),
    output_tokens: tokensOf(text),
  };
}
