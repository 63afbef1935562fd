import { fieldsOf } from '../metering/reported-usage.ts';
import type { ProviderFailure } from '../provider.ts';
import { invalidResponse } from './failure.ts';

/** Finds the errors that servers send in place of an answer, or within one, with a status of success. Pure. */

type Fields = Record<string, unknown>;

const isTold = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || Object.keys(fieldsOf(value) ?? {}).length > 0;

const isErrorStatus = (value: unknown): boolean => Number(value) >= 400 && Number(value) < 600;

/** True for an object that says of itself that it is an error. Errors have no choices. */
function isFlat({ choices, code, status, type, success, detail, error_code, error_msg }: Fields): boolean {
  if (choices !== undefined && choices !== null) return false;
  if (isErrorStatus(code) || isErrorStatus(status) || success === false) return true;
  if (/^(error|failed|failure)$/i.test(`${status}`) || /error|exception/i.test(`${type} ${code}`))
    return true;
  return isTold(detail) || isTold(error_msg) || (typeof error_code === 'number' && error_code !== 0);
}

/** MiniMax's result of a call, which is an error unless its code is zero. */
function baseError({ base_resp }: Fields): unknown {
  const { status_code } = fieldsOf(base_resp) ?? {};
  return typeof status_code === 'number' && status_code !== 0 ? base_resp : undefined;
}

/** An exception of Bedrock, which is told under its name. */
function thrownError(fields: Fields): unknown {
  const [type, ...others] = Object.keys(fields);
  if (type === undefined || others.length > 0 || !type.endsWith('Exception')) return undefined;
  const thrown = fieldsOf(fields[type]);
  return thrown === null ? undefined : { type, ...thrown };
}

/** The error in a chunk or a body: in its own field, in its choice, or the whole of it. Undefined without one. */
export function bodyError(fields: Fields, choice: Fields = {}): unknown {
  if (isTold(fields.error)) return fields.error;
  if (isTold(choice.error)) return choice.error;
  if (fields.object === 'error' || fields.type === 'error' || isFlat(fields)) return fields;
  return baseError(fields) ?? thrownError(fields);
}

/** True for an event that is no JSON and says that it is an error. */
export const isErrorText = (text: string): boolean =>
  /^\W*(error|exception|traceback|internal server error|bad gateway|service unavailable)\b/i.test(text);

/** The failure of a body in one piece. An error of which nothing but words are known may come from any server. */
export function failureOfBody(failure: ProviderFailure, body: unknown): ProviderFailure {
  const fields = fieldsOf(body);
  const { code, type, status, status_code } =
    fieldsOf(fields?.error) ?? fieldsOf(fields?.base_resp) ?? fields ?? {};
  const isNamed = [code, type, status, status_code].some((name) => name !== undefined && name !== null);
  return isNamed || Array.isArray(fields?.choices) ? failure : invalidResponse(failure.message);
}
