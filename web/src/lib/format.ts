/** Figures and times as people read them, in their own locale. */

const whole = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const usd = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 6,
});

export const formatTokens = (tokens: number): string => whole.format(tokens);
export const formatTokensShort = (tokens: number): string => compact.format(tokens);
export const formatSigned = (tokens: number): string =>
  tokens > 0 ? `+${whole.format(tokens)}` : whole.format(tokens);
export const formatTime = (iso: string): string => dateTime.format(new Date(iso));
export const formatMicroUsd = (microUsd: number): string => usd.format(microUsd / 1_000_000);

export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** `2 minutes ago` for what is recent; the exact time belongs into a tooltip. */
export function formatAge(iso: string, nowMs = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1_000);
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  if (Math.abs(seconds) < 60) return relative.format(seconds, 'second');
  if (Math.abs(seconds) < 3_600) return relative.format(Math.round(seconds / 60), 'minute');
  if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3_600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}
