/** The periods to choose from, in days of UTC, as the API counts them. Pure. */

export type Period = { from: string; to: string };

export const periodNames = {
  '7': '7 days',
  '30': '30 days',
  '90': '90 days',
  month: 'This month',
} as const;
export type PeriodChoice = keyof typeof periodNames;

const DAY_MS = 86_400_000;

const isChoice = (text: string): text is PeriodChoice => Object.hasOwn(periodNames, text);

/** Reads a choice from an address. Anything unknown is 30 days. */
export const choiceOf = (text: string | null): PeriodChoice =>
  text !== null && isChoice(text) ? text : '30';

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Returns the days of a choice, today included. */
export function periodOf(choice: PeriodChoice, now: number): Period {
  const to = dayOf(now);
  return choice === 'month'
    ? { from: `${to.slice(0, 8)}01`, to }
    : { from: dayOf(now - (Number(choice) - 1) * DAY_MS), to };
}
