import type { GenerateContentRequest } from '@google/generative-ai';
import { fieldsOf, requiredCount } from '../metering/reported-usage.ts';
import type { NeutralRequest, ProviderFailure } from '../provider.ts';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../transport/adjustments.ts';
import { configurationFault, failureWithoutStatus, waitFromHeaders } from '../transport/failure.ts';
import { bounded, guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { postAdjusted } from '../transport/quirks.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { jsonOf } from '../transport/stream-reader.ts';
import { readContent, readGoogleError } from './answer.ts';
import { generateContentParams, isModelName } from './request.ts';
import { readContentStream } from './stream.ts';

const impossibleModel = configurationFault({
  status: 404,
  message: 'The model is not a name that Google could have',
  retry_after_ms: null,
});

/** A refusal that has been read. */
class Refused extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

const readError = (error: unknown): ProviderFailure =>
  error instanceof Refused ? error.failure : failureWithoutStatus(error);

/** The error in a body: an object, the same in a list, or the text of a page that is no JSON. */
function errorIn(text: string): unknown {
  const body = jsonOf(text);
  if (body === undefined) return { message: text };
  return fieldsOf(Array.isArray(body) ? body[0] : body)?.error;
}

const pathOf = (model: string): string => (model.includes('/') ? model : `models/${model}`);

/** The parameters beside those of the generation. */
const OUTER = ['contents', 'systemInstruction', 'tools', 'toolConfig'];

/** The body with the parameters of the generation beside the others, so that each can be adjusted by its name. */
const flat = ({ generationConfig, ...outer }: GenerateContentRequest): object => ({
  ...outer,
  ...generationConfig,
});

/** The body that {@link flat} was made of. */
function nested(body: object): object {
  const all = Object.entries(body);
  return {
    ...Object.fromEntries(all.filter(([name]) => OUTER.includes(name))),
    generationConfig: Object.fromEntries(all.filter(([name]) => !OUTER.includes(name))),
  };
}

/**
 * Makes the call as the SDK would. The SDK takes no `fetch`: it follows redirects, reads bodies of any size, and reads a stream
 * to its end even when nobody takes the events. Only its types are used.
 */
async function post(
  { credential, base_url, settings }: AdapterTarget,
  { method, body }: { method: string; body: object },
  signal: AbortSignal,
): Promise<Response> {
  const response = await guardedStreamFetch(`${base_url}/v1beta/${method}`, {
    method: 'POST',
    headers: {
      ...settings.extra_headers,
      'content-type': 'application/json',
      'x-goog-api-key': credential.api_key,
    },
    body: JSON.stringify(body),
    signal,
  });
  if (response.ok) return response;
  const text = await response.text().catch(({ message }) => String(message));
  const failure = readGoogleError(errorIn(text), response.status);
  const retry_after_ms = failure.retry_after_ms ?? waitFromHeaders(response.headers, Date.now());
  throw new Refused({ ...failure, retry_after_ms });
}

const paramsOf = (request: NeutralRequest, { settings }: AdapterTarget): object =>
  adjusted(flat(generateContentParams(request)), adjustmentsOf(settings));

const generate = (target: AdapterTarget, request: NeutralRequest, signal: AbortSignal) =>
  postAdjusted(
    { provider_id: target.provider_id, model: request.model },
    paramsOf(request, target),
    (sent) =>
      post(
        target,
        { method: `${pathOf(request.model)}:streamGenerateContent?alt=sse`, body: nested(sent) },
        signal,
      ),
    readError,
  );

/** Calls Google's generateContent. */
export const googleAdapter: Adapter = {
  async stream(target, request, callerSignal, patience) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return streamProvider(target, callerSignal, patience, {
      open: (signal) => generate(target, request, signal),
      readError,
      cutter: cutServerSentEvents,
      reader: readContentStream,
      readWhole: readContent,
    });
  },
  async countInput(target, request, signal) {
    if (!isModelName(request.model)) return null;
    const model = pathOf(request.model);
    const body = { generateContentRequest: { model, ...nested(paramsOf(request, target)) } };
    const response = await post(target, { method: `${model}:countTokens`, body }, signal);
    return requiredCount(fieldsOf(await bounded(response).json())?.totalTokens);
  },
};
