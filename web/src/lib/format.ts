import { providerKinds } from '../../../contracts/catalog/provider-kinds.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';

/** Numbers, amounts and times in the user's locale. */

const whole = new Intl.NumberFormat();
const signed = new Intl.NumberFormat(undefined, { signDisplay: 'exceptZero' });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const shortDateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const utcDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const inUnit = (unit: 'second' | 'minute') =>
  new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'long' });
const seconds = inUnit('second');
const minutes = inUnit('minute');
const usd = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumFractionDigits: 6,
});
const usdFraction = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumFractionDigits: 12,
});
const upToThreeDigits = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });
const list = new Intl.ListFormat(undefined);

export const formatTokens = (tokens: number): string => whole.format(tokens);
export const formatTokensShort = (tokens: number): string => compact.format(tokens);
export const formatSigned = (tokens: number): string => signed.format(tokens).replace('-', '−');
export const formatTime = (iso: string): string => dateTime.format(new Date(iso));
export const formatTimeShort = (iso: string): string => shortDateTime.format(new Date(iso));
export const formatClock = (iso: string): string => clock.format(new Date(iso));
export const formatDate = (iso: string): string => date.format(new Date(iso));
export const formatDay = (iso: string): string => day.format(new Date(iso));
/** Formats a day (`YYYY-MM-DD`) of UTC, whatever the time zone here. */
export const formatUtcDay = (isoDay: string): string => utcDate.format(new Date(isoDay));
/** Formats a share of 1 in percent. */
export const formatShare = (part: number): string => share.format(part);
export const formatMicroUsd = (microUsd: number): string => usd.format(microUsd / 1_000_000);

/** The exact decimal number with these digits, of which `afterPoint` are behind the decimal point. */
const decimalOf = (digits: bigint, afterPoint: number) => {
  const text = digits.toString().padStart(afterPoint + 1, '0');
  return `${text.slice(0, -afterPoint)}.${text.slice(-afterPoint)}` as Intl.StringNumericLiteral;
};

/** Formats thousandths of wallet tokens, exactly. */
export const formatThousandths = (thousandths: bigint): string =>
  upToThreeDigits.format(decimalOf(thousandths, 3));

/** Formats millionths of micro-USD, exactly. */
export const formatPicoUsd = (picoUsd: bigint): string => usdFraction.format(decimalOf(picoUsd, 12));

/** Formats a size in kilobytes or megabytes. */
export const formatBytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${whole.format(Math.ceil(bytes / 1_000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const formatDuration = (ms: number): string =>
  ms < 1_000 ? `${whole.format(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

/** Formats a duration in minutes if it is a whole number of them, or else in seconds. */
export const formatLifetime = (ms: number): string =>
  ms % 60_000 === 0 ? minutes.format(ms / 60_000) : seconds.format(ms / 1_000);

export const sentenceList = (items: string[]): string => list.format(items);

/** Turns `snake_case` into words with a capital first letter. */
export function sentence(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The name of the provider behind a kind. */
export const providerNameOf = (kind: ProviderKind): string => providerKinds[kind].name;
