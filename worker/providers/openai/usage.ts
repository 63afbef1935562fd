import type { Usage } from '../../../contracts/usage.ts';
import { fieldsOf, normalizedUsage, optionalCount, partedByLifetime } from '../metering/reported-usage.ts';

/**
 * Reads the usage that OpenAI's chat completions and compatible servers report. Servers differ in the names, in what they count as
 * part of what, and in the order of partial reports. Pure.
 */

/** The counts of one report, or of several merged. Null is not told; NaN cannot be a count. */
export type UsageReport = {
  prompt: number | null;
  completion: number | null;
  cache_read: number | null;
  cache_miss: number | null;
  cache_write: number | null;
  /** The part of `cache_write` that is kept for an hour. */
  cache_write_1h: number | null;
  reasoning: number | null;
  /** The tokens of images and audio, as part of prompt and completion. */
  input_image: number | null;
  input_audio: number | null;
  output_image: number | null;
  output_audio: number | null;
  /** The tokens of the total. */
  total: number | null;
  /** The tokens of the total that the report names neither as prompt nor as completion. Null if it cannot be told. */
  unnamed: number | null;
  /** True for Anthropic's names, by which cached tokens are no part of the prompt. */
  cache_is_apart: boolean;
};

/** Evidence that shows if a count of zero can be true. */
export type UsageEvidence = {
  /** True if the answer has text, reasoning or tool calls. */
  spoke: boolean;
};

/** Usage, and true if the report contradicted itself and the larger of its readings was taken. */
export type ReadUsage = { usage: Usage; is_corrected: boolean };

/** One count of those that a server gives the same meaning: the first that is not zero. NaN if one of them is no count. */
function countOf(...values: unknown[]): number | null {
  const told = values.filter((value) => value !== undefined && value !== null);
  if (told.length === 0) return null;
  const counts = told.map((value) => optionalCount(value) ?? Number.NaN);
  if (counts.some(Number.isNaN)) return Number.NaN;
  return counts.find((count) => count > 0) ?? 0;
}

/** The names of the counts: of chat completions, of Responses, in the spelling of other languages, of Google and of Ollama. */
const PROMPT_NAMES = [
  ...[
    'prompt_tokens',
    'input_tokens',
    'promptTokens',
    'inputTokens',
    'promptTokenCount',
    'prompt_eval_count',
  ],
];
const COMPLETION_NAMES = [
  ...['completion_tokens', 'output_tokens', 'completionTokens', 'outputTokens', 'candidatesTokenCount'],
  'eval_count',
];
const valuesOf = (usage: Record<string, unknown>, names: readonly string[]): unknown[] =>
  names.map((name) => usage[name]);

/**
 * Reads one report; null if it counts nothing. The names are those of chat completions, of Responses, and for cached tokens also of
 * DeepSeek (`prompt_cache_hit_tokens`), Kimi (`cached_tokens`) and Anthropic (`cache_read_input_tokens`).
 */
export function readReport(reported: unknown): UsageReport | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const prompt_details = {
    ...fieldsOf(usage.input_tokens_details),
    ...fieldsOf(usage.prompt_tokens_details),
  };
  const completion_details = {
    ...fieldsOf(usage.output_tokens_details),
    ...fieldsOf(usage.completion_tokens_details),
  };
  const prompt = countOf(...valuesOf(usage, PROMPT_NAMES));
  const completion = countOf(...valuesOf(usage, COMPLETION_NAMES));
  const total = countOf(usage.total_tokens, usage.totalTokens, usage.totalTokenCount) || null;
  if (prompt === null && completion === null && total === null) return null;
  const isComplete = prompt !== null && prompt > 0 && completion !== null && total !== null;
  return {
    prompt,
    completion,
    total,
    cache_read: countOf(
      usage.prompt_cache_hit_tokens,
      prompt_details.cached_tokens,
      usage.cached_tokens,
      usage.cache_read_input_tokens,
    ),
    cache_miss: countOf(usage.prompt_cache_miss_tokens),
    cache_write: countOf(
      prompt_details.cache_write_tokens,
      prompt_details.cache_creation_tokens,
      usage.cache_creation_input_tokens,
    ),
    cache_write_1h: countOf(
      fieldsOf(prompt_details.cache_creation_token_details)?.ephemeral_1h_input_tokens,
      fieldsOf(usage.cache_creation)?.ephemeral_1h_input_tokens,
    ),
    reasoning: countOf(completion_details.reasoning_tokens, usage.reasoning_tokens),
    input_image: countOf(prompt_details.image_tokens),
    input_audio: countOf(prompt_details.audio_tokens),
    output_image: countOf(completion_details.image_tokens),
    output_audio: countOf(completion_details.audio_tokens),
    unnamed: isComplete ? Math.max(0, total - prompt - completion) : null,
    cache_is_apart: usage.prompt_tokens == null && usage.cache_read_input_tokens != null,
  };
}

/** The later count, unless it is missing or zero: last reports are often partial. */
const laterOf = (before: number | null, after: number | null) => after || (before ?? after);

/** The larger count: what a model has written does not become less. */
function largerOf(before: number | null, after: number | null): number | null {
  if (before === null || after === null) return before ?? after;
  return Math.max(before, after);
}

/** NaN if either count is no count, since the report cannot be trusted. */
const trusted =
  (merge: (before: number | null, after: number | null) => number | null) =>
  (before: number | null, after: number | null) =>
    Number.isNaN(before) || Number.isNaN(after) ? Number.NaN : merge(before, after);

const later = trusted(laterOf);
const larger = trusted(largerOf);

/** The later count, also if it is zero. */
const whole = trusted((before, after) => after ?? before);

/** True for a report that has a prompt with cached tokens: its zeros are told, such as that of what was written before it was read. */
const tellsCache = ({ prompt, cache_read, cache_write }: UsageReport): boolean =>
  Boolean(prompt) && Boolean(cache_read || cache_write);

/** Merges the reports of one stream. They are running totals, of which the last may be partial or zero. */
export function mergeReports(previous: UsageReport | null, next: UsageReport | null): UsageReport | null {
  if (previous === null || next === null) return previous ?? next;
  const cache = tellsCache(next) ? whole : later;
  return {
    prompt: later(previous.prompt, next.prompt),
    completion: larger(previous.completion, next.completion),
    cache_read: cache(previous.cache_read, next.cache_read),
    cache_miss: cache(previous.cache_miss, next.cache_miss),
    cache_write: cache(previous.cache_write, next.cache_write),
    cache_write_1h: cache(previous.cache_write_1h, next.cache_write_1h),
    reasoning: larger(previous.reasoning, next.reasoning),
    input_image: later(previous.input_image, next.input_image),
    input_audio: later(previous.input_audio, next.input_audio),
    output_image: larger(previous.output_image, next.output_image),
    output_audio: larger(previous.output_audio, next.output_audio),
    total: later(previous.total, next.total),
    unnamed: larger(previous.unnamed, next.unnamed),
    cache_is_apart: previous.cache_is_apart || next.cache_is_apart,
  };
}

/** The prompt as it was counted, or what the other counts leave for it. */
function promptOf({ prompt, completion, cache_read, cache_miss, total }: UsageReport): number | null {
  if (prompt) return prompt;
  if (cache_miss) return cache_miss + (cache_read ?? 0);
  if (total !== null && completion !== null && total > completion) return total - completion;
  return prompt;
}

/** The completion as it was counted, or what the total leaves for it. */
const completionOf = ({ completion, total }: UsageReport, prompt: number): number | null =>
  completion === null && total !== null && total > prompt ? total - prompt : completion;

/**
 * True if cached tokens are beside the prompt: by their name, because they are more than the prompt, or because the total has both.
 * `isGuess` if nothing but their number says so.
 */
function cacheBesidePrompt(report: UsageReport, prompt: number, cached: number) {
  const unnamed = report.unnamed ?? 0;
  const isInTotal = cached > 0 && (unnamed === cached || unnamed === cached + (report.reasoning ?? 0));
  const isTold = report.cache_is_apart || isInTotal;
  return { isApart: isTold || cached > prompt, isGuess: !isTold && cached > prompt };
}

/** The output with its reasoning. Thoughts that only the total shows are output; so is reasoning beyond what was counted. */
function outputOf(completion: number, thoughts: number, told: number) {
  const isGuess = told > completion + thoughts;
  const output_tokens = completion + (isGuess ? told : thoughts);
  return { output_tokens, reasoning_tokens: Math.max(told, thoughts), isGuess };
}

/** The images and audio of a report. `isGuess` if they are more than prompt or completion: they are cut to it. */
function mediaOf(report: UsageReport, prompt: number, completion: number) {
  const input = { image: report.input_image ?? 0, audio: report.input_audio ?? 0 };
  const output = { image: report.output_image ?? 0, audio: report.output_audio ?? 0 };
  const isGuess = input.image + input.audio > prompt || output.image + output.audio > completion;
  return { media: { input, output }, isGuess };
}

/** DeepSeek's two classes say how long the prompt is: a cache beyond it is no matter of counting. */
const isContradicted = ({ cache_read, cache_miss }: UsageReport, prompt: number): boolean =>
  Boolean(cache_miss) && (cache_read ?? 0) > prompt && (cache_read ?? 0) + (cache_miss ?? 0) !== prompt;

/**
 * The usage in disjoint classes; null when the report is missing, cannot be true, or counts nothing for what was said: then it is
 * estimated.
 * - Cached tokens are part of the prompt, unless they are more than it or the total counts them beside it.
 * - Reasoning is part of the completion, unless it is more than it or the total counts it beside it. Tokens that only the total
 *   shows are reasoning too.
 * - Images and audio are part of prompt and completion. Cached tokens are taken for text as far as there is any.
 */
export function readUsage(report: UsageReport | null, { spoke }: UsageEvidence): ReadUsage | null {
  if (report === null || Object.values(report).some(Number.isNaN)) return null;
  const prompt = promptOf(report);
  const completion = prompt === null ? null : completionOf(report, prompt);
  if (prompt === null || completion === null || isContradicted(report, prompt)) return null;
  const cache_read_tokens = report.cache_read ?? 0;
  const written = report.cache_write ?? 0;
  const cached = cache_read_tokens + written;
  const cache = cacheBesidePrompt(report, prompt, cached);
  const unnamed = report.unnamed ?? 0;
  const thoughts = cache.isApart && unnamed >= cached ? unnamed - cached : unnamed;
  const { isGuess, ...output } = outputOf(completion, thoughts, report.reasoning ?? 0);
  // No prompt has no tokens, and nothing is said without any.
  if (prompt + cached === 0 || (output.output_tokens === 0 && spoke)) return null;
  const input_tokens = cache.isApart ? prompt : prompt - cached;
  const { media, isGuess: isMediaGuess } = mediaOf(report, prompt, output.output_tokens);
  const writes = partedByLifetime(written, report.cache_write_1h ?? 0);
  const usage = normalizedUsage({ input_tokens, cache_read_tokens, ...writes, ...output }, media);
  return usage && { usage, is_corrected: cache.isGuess || isGuess || isMediaGuess };
}
