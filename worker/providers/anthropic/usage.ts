import { promptTokensOf } from '../../../contracts/catalog/price.ts';
import type { Usage } from '../../../contracts/usage.ts';
import {
  fieldsOf,
  normalizedUsage,
  optionalCount,
  partedByLifetime,
  requiredCount,
} from '../metering/reported-usage.ts';

/** Reads the usage that Anthropic's messages and compatible servers report. Pure. */

type Report = Record<string, unknown>;

const inputClasses = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

/** The fields that count the prompt: its classes, and what was written to the cache by its lifetime. */
const inputFields = [...inputClasses, 'cache_creation'];

const isZero = (value: unknown): boolean => value === 0;

/** The larger of two counts of the output: what a model has written does not become less. */
const largerOf = (before: unknown, after: unknown): unknown =>
  typeof before === 'number' && typeof after === 'number' ? Math.max(before, after) : after;

/** Other names of the counts: OpenAI's, and Bedrock's, whose cached tokens are no part of the prompt either. */
const otherNames = new Map([
  ['prompt_tokens', 'input_tokens'],
  ['completion_tokens', 'output_tokens'],
  ['inputTokenCount', 'input_tokens'],
  ['outputTokenCount', 'output_tokens'],
  ['cacheReadInputTokenCount', 'cache_read_input_tokens'],
  ['cacheWriteInputTokenCount', 'cache_creation_input_tokens'],
]);

/** Tokens written to the cache, where only its parts by lifetime are told. */
function writtenIn({ cache_creation }: Report): Report {
  const parts = Object.values(fieldsOf(cache_creation) ?? {}).map(optionalCount);
  if (parts.length === 0 || parts.includes(null)) return {};
  return { cache_creation_input_tokens: parts.reduce<number>((sum, part) => sum + (part ?? 0), 0) };
}

/** The counts of a report by Anthropic's names, without those that are not told. */
function toldCounts(reported: unknown): Report {
  const told = Object.entries({ ...writtenIn(fieldsOf(reported) ?? {}), ...fieldsOf(reported) }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const renamed = told.flatMap(([name, value]) => {
    const own = otherNames.get(name);
    return own === undefined ? [] : [[own, value] as const];
  });
  return { ...Object.fromEntries(renamed), ...Object.fromEntries(told) };
}

/**
 * Merges two reports of one stream. The later one corrects the earlier one, but a prompt of no tokens corrects nothing: compatible
 * servers repeat the counts of the prompt as zeros at the end.
 */
export function mergeAnthropicUsage(before: Report, reported: unknown): Report {
  const after = toldCounts(reported);
  const saysNoPrompt = inputClasses.every((name) => after[name] === undefined || isZero(after[name]));
  const told = saysNoPrompt
    ? Object.fromEntries(
        Object.entries(after).filter(([name]) => !inputFields.includes(name) || before[name] === undefined),
      )
    : after;
  return {
    ...before,
    ...told,
    ...(told.output_tokens !== undefined && {
      output_tokens: largerOf(before.output_tokens, told.output_tokens),
    }),
  };
}

/**
 * Usage in disjoint classes. Anthropic's `input_tokens` excludes the cache classes, and its output includes thinking. Null when a
 * count is missing or impossible, when the prompt has no tokens, and when something was said without any: then it is estimated.
 */
export function readAnthropicUsage(reported: unknown, { spoke }: { spoke: boolean }): Usage | null {
  if (fieldsOf(reported) === null) return null;
  const usage = toldCounts(reported);
  const read = normalizedUsage({
    input_tokens: requiredCount(usage.input_tokens),
    cache_read_tokens: optionalCount(usage.cache_read_input_tokens),
    ...partedByLifetime(
      optionalCount(usage.cache_creation_input_tokens),
      optionalCount(fieldsOf(usage.cache_creation)?.ephemeral_1h_input_tokens),
    ),
    output_tokens: requiredCount(usage.output_tokens),
    reasoning_tokens: optionalCount(fieldsOf(usage.output_tokens_details)?.thinking_tokens),
  });
  if (read === null || (spoke && read.output_tokens === 0)) return null;
  return promptTokensOf(read) === 0 ? null : read;
}

/** The usage of the prompt as it is told before the answer; null when nothing plausible is told. */
export const readPromptUsage = (reported: unknown): Usage | null =>
  readAnthropicUsage(
    { ...fieldsOf(reported), output_tokens: 0, output_tokens_details: null },
    { spoke: false },
  );
