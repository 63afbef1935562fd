import type { OutputConfig, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages';
import { askedBudget, askedEffort, type Effort } from '../chat/reasoning.ts';
import type { NeutralRequest } from '../provider.ts';

/**
 * The thinking of Claude's models, by their names. Pure. Sources, read in November 2026: platform.claude.com/docs/en/build-with-claude,
 * pages thinking-troubleshooting and effort, and the migration guides of Claude 5 and 5.5.
 */

/** The version in a Claude model's name, such as 4.6 as 406. */
const versionInName = /claude-(?:[a-z]+-)?(\d)(?:[-.](\d)(?!\d))?/;

/**
 * The version of a Claude model as a number: 406 for Claude 4.6. A Claude model without a version in its name counts as the newest.
 * Null for a model of another maker.
 */
export function claudeVersion(model: string): number | null {
  if (!model.includes('claude')) return null;
  if (model.includes('claude-instant') || model.includes('claude-v')) return 100;
  const [, major, minor = '0'] = versionInName.exec(model) ?? [];
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major) * 100 + Number(minor);
}

/** The first versions with each feature. Thinking before 4.6 has a budget; since 4.7 it is adaptive only. */
const THINKS = 307;
const ADAPTS = 406;
const ADAPTS_ONLY = 407;
const ALWAYS_THINKS = 505;
/** The least budget that Anthropic takes. */
const BUDGET_MIN = 1_024;

/** Models that cannot be kept from thinking: Fable and Mythos, and all since Claude 5.5. They are asked for little effort instead. */
const alwaysThinks = (model: string, version: number): boolean =>
  version >= ALWAYS_THINKS || /fable|mythos/.test(model);

/** The efforts of each version: none before Opus 4.5, `max` since 4.6, `xhigh` since 4.7. */
function effortParam(model: string, version: number, effort: Effort): OutputConfig['effort'] {
  if (version < ADAPTS && !/opus-4[-.]5/.test(model)) return undefined;
  switch (effort) {
    case 'none':
      return alwaysThinks(model, version) ? 'low' : undefined;
    case 'minimal':
    case 'low':
      return 'low';
    case 'medium':
      return 'medium';
    case 'high':
      return 'high';
    case 'xhigh':
      return version >= ADAPTS_ONLY ? 'xhigh' : 'high';
    case 'max':
      return version >= ADAPTS ? 'max' : 'high';
  }
}

/**
 * True when the model is in the middle of using tools and the turn that called them has no reasoning that can go back. Thinking with a
 * budget cannot begin there: Anthropic answers 400.
 */
function callsWithoutThought({ messages }: NeutralRequest): boolean {
  if (messages.at(-1)?.role !== 'tool') return false;
  const last = messages.findLast(({ role }) => role === 'assistant');
  return last?.role === 'assistant' && !last.reasoning?.some(isReturnable);
}

/** True for reasoning that Anthropic takes back: signed, or encrypted. */
export const isReturnable = (part: { signature?: string | undefined; encrypted?: string | undefined }) =>
  Boolean(part.signature) || Boolean(part.encrypted);

/** Thinking with a budget, which must be less than the output limit; null when there is no room for the least one. */
function budgetParam(request: NeutralRequest): ThinkingConfigParam | null {
  const { reasoning = {}, max_output_tokens } = request;
  // A budget that stands for an effort leaves a quarter of the output to the answer.
  const most = reasoning.budget_tokens === undefined ? (max_output_tokens * 3) / 4 : max_output_tokens - 1;
  const budget_tokens = Math.floor(Math.min(askedBudget(reasoning), most));
  if (budget_tokens < BUDGET_MIN || callsWithoutThought(request)) return null;
  return { type: 'enabled', budget_tokens, ...displayParam(request) };
}

const displayParam = ({ reasoning }: NeutralRequest) =>
  reasoning?.display === undefined ? {} : { display: reasoning.display };

const forcesTool = ({ tools, tool_choice }: NeutralRequest): boolean =>
  tools !== undefined && (tool_choice === 'required' || typeof tool_choice === 'object');

function thinkingParam(request: NeutralRequest): ThinkingConfigParam | null {
  const { reasoning, model } = request;
  if (reasoning === undefined) return null;
  // A model of another maker is asked as the client asks, since its server is known to the client alone.
  const version = claudeVersion(model) ?? (reasoning.mode === 'enabled' ? THINKS : ADAPTS);
  if (askedEffort(reasoning) === 'none')
    return version < THINKS || alwaysThinks(model, version) ? null : { type: 'disabled' };
  if (version < THINKS || forcesTool(request)) return null;
  if (version >= ADAPTS_ONLY) return { type: 'adaptive', ...displayParam(request) };
  if (version < ADAPTS || reasoning.mode === 'enabled') return budgetParam(request);
  return { type: 'adaptive', ...displayParam(request) };
}

/** The thinking and the effort to ask for. A tool cannot be forced together with thinking: it goes first. */
export function thinkingParams(request: NeutralRequest): {
  thinking?: ThinkingConfigParam;
  effort?: NonNullable<OutputConfig['effort']>;
} {
  const { reasoning = {}, model } = request;
  const thinking = thinkingParam(request);
  // A budget that is sent says it all. Without thinking, no model takes more than a high effort.
  const asked =
    thinking?.type === 'enabled' ? reasoning.effort : (reasoning.effort ?? askedEffort(reasoning));
  const most = thinking?.type === 'disabled' && (asked === 'xhigh' || asked === 'max') ? 'high' : asked;
  const effort = most === undefined ? undefined : effortParam(model, claudeVersion(model) ?? ADAPTS, most);
  return { ...(thinking !== null && { thinking }), ...(effort != null && { effort }) };
}
