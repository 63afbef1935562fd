import type { ErrorResponse } from '../../../contracts/errors.ts';

/** Returns the error of a body that the API has sent, or null for any other body, such as the page of a proxy. Pure. */
export function errorOfBody(body: unknown): ErrorResponse['error'] | null {
  const error: unknown = (body as Partial<ErrorResponse> | null)?.error;
  if (typeof error !== 'object' || error === null) return null;
  const { code, message, request_id } = error as Record<string, unknown>;
  const isOurs = [code, message, request_id].every((text) => typeof text === 'string');
  return isOurs ? (error as ErrorResponse['error']) : null;
}
