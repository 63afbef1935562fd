import { formatUtcDay } from './format.ts';
import type { ChosenPeriod } from './use-period.ts';

/** Returns the days of a period that was picked, or the word for picking one. */
export const daysLabel = ({ choice, period }: Pick<ChosenPeriod, 'choice' | 'period'>): string =>
  choice === 'custom' ? `${formatUtcDay(period.from)} – ${formatUtcDay(period.to)}` : 'Days';
