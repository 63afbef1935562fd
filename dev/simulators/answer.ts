import { valueFor } from './schema-value.ts';

/** The answers of simulated models. The same question always gets the same answer. */

/** One turn of the conversation, in no provider's format. */
export type SimulatedTurn = {
  role: 'system' | 'user' | 'assistant';
  text: string;
  /** The provider's token count of each image in the turn. */
  image_tokens?: number[];
  /** The same for each document. */
  document_tokens?: number[];
  /** The same for each recording. */
  audio_tokens?: number[];
  /** True for a turn that holds results of tools instead of the user's message. */
  is_tool_result?: boolean;
};

export type SimulatedTool = { name: string; schema: Record<string, unknown>; description: string };

/** A request to the model, in no provider's format. */
export type SimulatedPrompt = {
  model: string;
  turns: SimulatedTurn[];
  tools: SimulatedTool[];
  tool_choice: 'auto' | 'none' | 'required' | { name: string };
  /** True if at most one tool may be called. */
  one_call: boolean;
  /** The form of the answer: text, any JSON object, or JSON of a schema. */
  form: 'text' | 'json_object' | { schema: Record<string, unknown> };
  max_output_tokens: number | null;
};

export type SimulatedCall = { name: string; arguments: Record<string, unknown> };

export type SimulatedAnswer = {
  text: string;
  /** `text` in the pieces a stream sends. */
  pieces: string[];
  /** The tools it calls. An answer with calls has no text. */
  calls: SimulatedCall[];
  /** True if the output limit cut it. */
  truncated: boolean;
  input_tokens: number;
  /** The part of them that is audio. */
  audio_tokens: number;
  output_tokens: number;
};

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_TURN = 4;
const TOKENS_PER_TOOL = 12;
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

function quoteOf(text: string): string {
  const oneLine = text.replace(/\s+/g, ' ').trim();
  return oneLine.length <= QUOTE_LENGTH_MAX ? oneLine : `${oneLine.slice(0, QUOTE_LENGTH_MAX)}…`;
}

/** Returns the question: the user's last message, the tool results since then, and the numbers of images, documents and recordings. */
function questionOf(turns: readonly SimulatedTurn[]) {
  const asked = turns.findLast(({ role, is_tool_result }) => role === 'user' && is_tool_result !== true);
  const since = turns.slice(turns.findLastIndex(({ is_tool_result }) => is_tool_result !== true) + 1);
  return {
    text: asked?.text ?? '',
    images: turns.reduce((sum, { image_tokens }) => sum + (image_tokens?.length ?? 0), 0),
    documents: turns.reduce((sum, { document_tokens }) => sum + (document_tokens?.length ?? 0), 0),
    recordings: turns.reduce((sum, { audio_tokens }) => sum + (audio_tokens?.length ?? 0), 0),
    tool_result: since.length > 0 ? since.map(({ text }) => text).join(', ') : null,
  };
}

function adviceFor(model: string, turns: readonly SimulatedTurn[]): string {
  const { text, images, documents, recordings, tool_result } = questionOf(turns);
  const steps = advice[bytes(text) % advice.length] ?? [];
  return [
    `You asked: “${quoteOf(text)}”`,
    ...(images > 0 ? [`You showed me ${images === 1 ? 'an image' : `${images} images`}.`] : []),
    ...(documents > 0 ? [`You sent me ${documents === 1 ? 'a document' : `${documents} documents`}.`] : []),
    ...(recordings > 0
      ? [`You played me ${recordings === 1 ? 'a recording' : `${recordings} recordings`}.`]
      : []),
    ...(tool_result !== null ? [`The tool answered: “${quoteOf(tool_result)}”`] : []),
    'Here is how I would go about it:',
    steps.map((step, index) => `${index + 1}. ${step}`).join('\n'),
    `(A simulated answer in the name of ${model}: no AI model was asked. Add a real provider key to get real answers.)`,
  ].join('\n\n');
}

function fullText({ model, turns, form }: SimulatedPrompt): string {
  if (form === 'text') return adviceFor(model, turns);
  const value = form === 'json_object' ? { answer: adviceFor(model, turns) } : valueFor(form.schema);
  return JSON.stringify(value);
}

/** Returns the tools to call: those that the tool choice requires or the user names, and none after a tool result. */
function callsFor({ turns, tools, tool_choice, one_call }: SimulatedPrompt): SimulatedCall[] {
  const { text, tool_result } = questionOf(turns);
  if (tool_choice === 'none' || tool_result !== null) return [];
  const chosen =
    typeof tool_choice === 'object'
      ? tools.filter(({ name }) => name === tool_choice.name)
      : tools.filter(({ name }) => text.includes(name));
  const called = chosen.length === 0 && tool_choice === 'required' ? tools.slice(0, 1) : chosen;
  return (one_call ? called.slice(0, 1) : called).map(({ name, schema }) => ({
    name,
    arguments: valueFor({ type: 'object', ...schema }) as Record<string, unknown>,
  }));
}

/** Returns the longest prefix of `text` that costs at most `max_tokens`, in whole characters. */
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

/** Returns the input tokens of a prompt. */
export function inputTokensOf({ turns, tools, form }: SimulatedPrompt): number {
  const said = turns.reduce(
    (sum, { text, image_tokens = [], document_tokens = [], audio_tokens = [] }) =>
      [...image_tokens, ...document_tokens, ...audio_tokens].reduce(
        (total, tokens) => total + tokens,
        sum + tokensOf(text) + TOKENS_PER_TURN,
      ),
    0,
  );
  const offered = tools.reduce((sum, tool) => sum + TOKENS_PER_TOOL + tokensOf(JSON.stringify(tool)), 0);
  return said + offered + (typeof form === 'object' ? tokensOf(JSON.stringify(form.schema)) : 0);
}

/** Returns the tokens of the recordings of a prompt. */
const audioTokensOf = ({ turns }: Pick<SimulatedPrompt, 'turns'>): number =>
  turns.flatMap(({ audio_tokens = [] }) => audio_tokens).reduce((sum, tokens) => sum + tokens, 0);

/** Returns an answer of at most `max_output_tokens`. A call that does not fit is omitted, and the answer is truncated there. */
export function answerTo(prompt: SimulatedPrompt): SimulatedAnswer {
  const limit = prompt.max_output_tokens ?? Number.POSITIVE_INFINITY;
  const input_tokens = inputTokensOf(prompt);
  const audio_tokens = audioTokensOf(prompt);
  const calls = callsFor(prompt);
  if (calls.length > 0) {
    const called = tokensOf(calls.map((call) => call.name + JSON.stringify(call.arguments)).join(''));
    const truncated = called > limit;
    return {
      text: '',
      pieces: [],
      calls: truncated ? [] : calls,
      truncated,
      input_tokens,
      audio_tokens,
      output_tokens: Math.min(called, limit),
    };
  }
  const full = fullText(prompt);
  const text = cut(full, limit);
  return {
    text,
    pieces: text.match(/\S+\s*|\s+/g) ?? [],
    calls: [],
    truncated: text !== full,
    input_tokens,
    audio_tokens,
    output_tokens: tokensOf(text),
  };
}

/** Returns the arguments of a call in the pieces that a stream sends. */
export const argumentPieces = (call: SimulatedCall): string[] =>
  JSON.stringify(call.arguments).match(/.{1,12}/gsu) ?? [];
