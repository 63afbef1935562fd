import { GoogleGenerativeAI } from '@google/generative-ai';
import { callProvider } from './call-provider.ts';
import { configurationFault } from './failure.ts';
import { readApiError, readContent, readContentError } from './google-answer.ts';
import { generateContentParams, isModelName } from './google-request.ts';
import { readContentStream } from './google-stream.ts';
import { guardedStreamFetch } from './guarded-fetch.ts';
import type { Adapter, NeutralRequest, ProviderFailure, ProviderTarget } from './provider.ts';
import { fieldsOf } from './reported-usage.ts';
import { streamProvider } from './stream-provider.ts';

const OFFICIAL_BASE_URL = 'https://generativelanguage.googleapis.com';

const impossibleModel = configurationFault({
  status: 404,
  message: 'The model is not a name that Google could have',
  retry_after_ms: null,
});

/** A refusal, as the stream's own call meets it. */
class Refused extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * The SDK's own stream reads to the end whether anybody takes the events or not, keeps two copies of them, and follows
 * redirects. So this call is made as the SDK makes it, and read as fast as events are taken.
 */
async function openStream(
  { api_key, base_url }: ProviderTarget,
  request: NeutralRequest,
  signal: AbortSignal,
): Promise<Response> {
  const model = request.model.includes('/') ? request.model : `models/${request.model}`;
  const url = `${base_url ?? OFFICIAL_BASE_URL}/v1beta/${model}:streamGenerateContent?alt=sse`;
  const response = await guardedStreamFetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': api_key },
    body: JSON.stringify(generateContentParams(request)),
    signal,
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw new Refused(readApiError(fieldsOf(body)?.error, response.status));
}

/**
 * Google's generated content. This SDK retries nothing and takes no `fetch` of ours, so for answers in one piece redirects
 * and the body's size are not guarded as they are for the others.
 */
export const googleAdapter: Adapter = {
  async complete(target, request, callerSignal) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return callProvider(target, callerSignal, {
      call: async (signal) => {
        const model = new GoogleGenerativeAI(target.api_key).getGenerativeModel(
          { model: request.model },
          { baseUrl: target.base_url ?? OFFICIAL_BASE_URL },
        );
        const { response } = await model.generateContent(generateContentParams(request), { signal });
        return response;
      },
      readAnswer: readContent,
      readError: readContentError,
    });
  },
  async stream(target, request, callerSignal, patience) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return streamProvider(target, callerSignal, patience, {
      open: (signal) => openStream(target, request, signal),
      readError: (error) => (error instanceof Refused ? error.failure : readContentError(error)),
      reader: readContentStream,
    });
  },
};
