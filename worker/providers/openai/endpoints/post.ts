import { fieldsOf } from '../../metering/reported-usage.ts';
import type { ProviderFailure } from '../../provider.ts';
import type { AdapterTarget } from '../../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../../transport/adjustments.ts';
import { bodyError, failureOfBody } from '../../transport/body-error.ts';
import { preparedPost } from '../../transport/prepared-post.ts';
import { postAdjusted } from '../../transport/quirks.ts';
import { readChatError, readOpenAiInBandError } from '../errors.ts';
import { sdk } from '../sdk.ts';

/** The parts that calls of OpenAI's endpoints beside chat share. */

type Body = { model: string } & Record<string, unknown>;

/** Returns a function that posts a body to an endpoint, in the way that the provider's settings and the quirks of its server ask for. */
export function poster(path: string) {
  const post = preparedPost(path, sdk);
  return (target: AdapterTarget, body: Body, signal: AbortSignal): Promise<Response> =>
    postAdjusted(
      { provider_id: target.provider_id, model: body.model },
      adjusted(body, adjustmentsOf(target.settings)),
      (sent) => post(target, sent, signal),
      readChatError,
    );
}

/** Returns a function that posts a form to an endpoint. A parameter that the provider's settings drop or rename is. */
export function formPoster(path: string) {
  const post = preparedPost(path, sdk);
  return (
    target: AdapterTarget,
    fields: Body,
    files: readonly (readonly [name: string, file: File])[],
    signal: AbortSignal,
  ): Promise<Response> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(adjusted(fields, adjustmentsOf(target.settings))))
      for (const one of [value].flat()) form.append(name, String(one));
    for (const [name, file] of files) form.append(name, file, file.name);
    return post(target, form, signal);
  };
}

/** Returns the failure that a body with a status of success tells, where it lacks the list that an answer has; else null. Pure. */
export function errorInBody(body: unknown, list: string): ProviderFailure | null {
  const fields = fieldsOf(body);
  if (fields === null || Array.isArray(fields[list])) return null;
  const error = bodyError(fields);
  return error === undefined ? null : failureOfBody(readOpenAiInBandError(error), body);
}
