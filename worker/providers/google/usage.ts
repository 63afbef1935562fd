import type { Usage } from '../../../contracts/usage.ts';
import {
  fieldsOf,
  type MediaTokens,
  normalizedUsage,
  optionalCount,
  requiredCount,
} from '../metering/reported-usage.ts';

/** Reads the usage that Google's generateContent reports. Pure. */

type Report = Record<string, unknown>;

/** The counts of the output, which never become less. */
const outputCounts = ['candidatesTokenCount', 'thoughtsTokenCount', 'totalTokenCount'];

/** Merges two reports of one stream, each of which counts all so far. The last one may be partial: zeros and gaps correct nothing. */
export function mergeGoogleUsage(before: Report | null, reported: unknown): Report | null {
  const after = fieldsOf(reported);
  if (after === null || before === null) return after ?? before;
  const merged = { ...before };
  for (const [name, value] of Object.entries(after)) {
    const told = before[name];
    const isGap = value === 0 || (Array.isArray(value) && value.length === 0);
    if (value === null || value === undefined || (isGap && told !== undefined)) continue;
    const isLess = typeof told === 'number' && typeof value === 'number' && value < told && value >= 0;
    if (!isLess || !outputCounts.includes(name)) merged[name] = value;
  }
  return merged;
}

/** The tokens of images and audio in a list by modality; null if a count is impossible. Google counts pages of PDFs as images or apart. */
function mediaIn(details: unknown): MediaTokens | null {
  const media = { image: 0, audio: 0 };
  for (const detail of Array.isArray(details) ? details : []) {
    const { modality, tokenCount } = fieldsOf(detail) ?? {};
    const tokens = optionalCount(tokenCount);
    if (tokens === null) return null;
    if (modality === 'IMAGE') media.image += tokens;
    if (modality === 'AUDIO') media.audio += tokens;
  }
  return media;
}

/** The media of the prompt without those that the cache holds, and the media of the answer. Null if a count is impossible. */
function mediaOf(reported: Report) {
  const prompt = mediaIn(reported.promptTokensDetails);
  const cached = mediaIn(reported.cacheTokensDetails);
  const output = mediaIn(reported.candidatesTokensDetails);
  if (prompt === null || cached === null || output === null) return null;
  const input = {
    image: Math.max(0, prompt.image - cached.image),
    audio: Math.max(0, prompt.audio - cached.audio),
  };
  return { input, output };
}

/** The counts of a report. Those that are not told are zero, but for the candidates; null if a count is impossible. */
function countsOf(reported: unknown) {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const prompt = requiredCount(usage.promptTokenCount);
  const toolPrompt = optionalCount(usage.toolUsePromptTokenCount);
  const cached = optionalCount(usage.cachedContentTokenCount);
  const candidates = optionalCount(usage.candidatesTokenCount);
  const thoughts = optionalCount(usage.thoughtsTokenCount);
  const total = optionalCount(usage.totalTokenCount);
  if (prompt === null || toolPrompt === null || cached === null) return null;
  const media = mediaOf(usage);
  if (candidates === null || thoughts === null || total === null || media === null) return null;
  const said = candidates || media.output.image + media.output.audio;
  return { prompt, toolPrompt, cached, candidates: said, thoughts, total, media };
}

/**
 * Usage in disjoint classes. `promptTokenCount` includes tokens read from the cache, unless they are more than it; thoughts are counted
 * apart from the candidates and are output; prompts that tools add are input. Protobuf omits zeros. What only the total shows is the
 * answer if there is one without a count, else thoughts. Images and audio are parts of both sides by modality. Null when there is an answer of no tokens or a prompt of none: then the usage
 * is estimated.
 */
export function readGoogleUsage(reported: unknown, hasAnswer: boolean): Usage | null {
  const counts = countsOf(reported);
  if (counts === null) return null;
  const { prompt, toolPrompt, cached, thoughts, total, media } = counts;
  const unnamed = Math.max(0, total - prompt - toolPrompt - counts.candidates - thoughts);
  const isAnswerUnnamed = hasAnswer && counts.candidates === 0;
  const candidates = isAnswerUnnamed ? unnamed : counts.candidates;
  const reasoning_tokens = thoughts + (isAnswerUnnamed ? 0 : unnamed);
  if (prompt + toolPrompt + cached === 0 || (hasAnswer && candidates === 0)) return null;
  return normalizedUsage(
    {
      input_tokens: (cached > prompt ? prompt : prompt - cached) + toolPrompt,
      cache_read_tokens: cached,
      cache_write_tokens: 0,
      output_tokens: candidates + reasoning_tokens,
      reasoning_tokens,
    },
    media,
  );
}
