import type { ProviderFailure } from '../provider.ts';

const MESSAGE_LENGTH_MAX = 500;

/** Keys as providers and their imitators write them, also half masked, as some errors quote them. */
const keyShapes =
  /\b(?:v?sk|xai|gsk|hf|pplx)[-_][\w*.…-]{6,}|\b(?:AIza|AQ\.|ya29\.)[\w*.…-]{10,}|\bBearer\s+[^\s"',]+/g;

/**
 * A message fit for a log and a database row: without the key it was called with or anything shaped like a key, on one
 * line, at most 500 characters.
 */
export function redactMessage(message: string, api_key: string): string {
  const withoutOwnKey = api_key === '' ? message : message.replaceAll(api_key, '[key]');
  const oneLine = withoutOwnKey.replace(keyShapes, '[key]').replace(/\s+/g, ' ').trim();
  const short =
    oneLine.length <= MESSAGE_LENGTH_MAX ? oneLine : `${oneLine.slice(0, MESSAGE_LENGTH_MAX - 1)}…`;
  // Postgres holds neither NUL nor half a surrogate pair, such as the cut may leave.
  return short.replaceAll('\u0000', '').toWellFormed();
}

/** The failure with its message made fit for a log. */
export const redactFailure = (failure: ProviderFailure, api_key: string): ProviderFailure => ({
  ...failure,
  message: redactMessage(failure.message, api_key),
});
