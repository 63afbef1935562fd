import type { ChatOptions } from '../../../contracts/chat/chat.ts';

/** The reasoning that a request asks for, in the terms of kinds that have no such field. Pure. */

type Reasoning = NonNullable<ChatOptions['reasoning']>;
export type Effort = NonNullable<Reasoning['effort']>;

/** The budgets of reasoning, in tokens, that stand for an effort: those of Google's OpenAI-compatible API, and the next larger one. */
const BUDGETS: Record<Exclude<Effort, 'none'>, number> = {
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

const effortOfBudget = (budget_tokens: number): Effort => {
  if (budget_tokens <= 2_048) return 'low';
  return budget_tokens <= 12_288 ? 'medium' : 'high';
};

/** The effort that is asked for, or the one nearest to the budget; undefined when the model is to decide. */
export function askedEffort({ effort, mode, budget_tokens }: Reasoning): Effort | undefined {
  if (mode === 'disabled') return 'none';
  if (effort !== undefined) return effort;
  return budget_tokens === undefined ? undefined : effortOfBudget(budget_tokens);
}

/** The budget that is asked for, or the one that stands for the effort. `high` stands for an effort that is not said. */
export const askedBudget = ({ effort, budget_tokens }: Reasoning): number =>
  budget_tokens ?? BUDGETS[effort === undefined || effort === 'none' ? 'high' : effort];
