import { askedBudget, askedEffort, type Effort } from '../chat/reasoning.ts';
import type { NeutralRequest } from '../provider.ts';

/**
 * The thinking of Gemini's models, by their names. Pure. Sources, read in November 2026: ai.google.dev/gemini-api/docs, pages thinking
 * and openai (the efforts), and the guides of Gemini 3 and 3.5.
 */

type ThinkingConfig = { thinkingLevel?: string; thinkingBudget?: number; includeThoughts?: true };

/** The version of a Gemini model as a number: 205 for Gemini 2.5. Others count as the newest, but for Gemma, which does not think. */
function versionOf(model: string): number {
  if (/gemma|learnlm/.test(model)) return 0;
  const [, major, minor = '0'] = /gemini-(\d+)(?:\.(\d+))?/.exec(model) ?? [];
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major) * 100 + Number(minor);
}

const isPro = (model: string): boolean => /gemini-[\w.]*-?pro/.test(model);

/** The level since Gemini 3. Pro models cannot think less than `LOW`, and the first of them knows no `MEDIUM`. */
function levelOf(model: string, effort: Effort): string {
  switch (effort) {
    case 'none':
    case 'minimal':
      return isPro(model) ? 'LOW' : 'MINIMAL';
    case 'low':
      return 'LOW';
    case 'medium':
      return isPro(model) && versionOf(model) === 300 ? 'HIGH' : 'MEDIUM';
    default:
      return 'HIGH';
  }
}

/** The budgets of Gemini 2.5: Pro thinks at least 128 tokens, the others at most 24,576. */
function budgetOf(model: string, asked: number): number {
  return isPro(model) ? Math.min(Math.max(asked, 128), 32_768) : Math.min(asked, 24_576);
}

/** The thinking to ask for; null when the model decides, or does not think. Thoughts are shown unless they are switched off. */
export function thinkingConfig({ model, reasoning }: NeutralRequest): ThinkingConfig | null {
  const version = versionOf(model);
  if (reasoning === undefined || version < 205) return null;
  const effort = askedEffort(reasoning);
  const shown = effort === 'none' ? {} : { includeThoughts: true as const };
  if (effort === undefined) return shown;
  if (version >= 300) return { thinkingLevel: levelOf(model, effort), ...shown };
  return {
    thinkingBudget: budgetOf(model, effort === 'none' ? 0 : askedBudget({ ...reasoning, effort })),
    ...shown,
  };
}
