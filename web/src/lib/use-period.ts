import { useSearchParams } from 'react-router';
import type { Period } from '../../../contracts/days.ts';
import { type PeriodChoice, readPeriod } from './period.ts';

/** The period in the address of a page, and a way to change it that keeps the other parameters. */
export type ChosenPeriod = {
  choice: PeriodChoice;
  period: Period;
  onChoose(next: Exclude<PeriodChoice, 'custom'> | Period): void;
};

/** Reads the period of the page's address, so that a link leads to the same figures. */
export function usePeriod(): ChosenPeriod {
  const [params, setParams] = useSearchParams();
  return {
    ...readPeriod(params, Date.now()),
    onChoose: (next) =>
      setParams(
        (known) => {
          const changed = new URLSearchParams(known);
          for (const name of ['period', 'from', 'to']) changed.delete(name);
          const entries = typeof next === 'string' ? { period: next } : next;
          for (const [name, value] of Object.entries(entries)) changed.set(name, value);
          return changed;
        },
        { replace: true },
      ),
  };
}
