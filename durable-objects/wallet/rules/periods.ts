/** The UTC month of a moment, as YYYY-MM. */
export const periodOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 7);

/** First millisecond of the UTC month after `period`. */
export function endOfPeriodMs(period: string): number {
  const [year = 0, month = 0] = period.split('-').map(Number);
  return Date.UTC(year, month, 1);
}
