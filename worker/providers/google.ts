import { GoogleGenerativeAI } from '@google/generative-ai';
import { callProvider } from './call-provider.ts';
import { configurationFault } from './failure.ts';
import { generateContentParams, isModelName, readContent, readContentError } from './google-wire.ts';
import type { CompleteCall } from './provider.ts';

const OFFICIAL_BASE_URL = 'https://generativelanguage.googleapis.com';

/**
 * One generated content at Google. This SDK retries nothing and takes no `fetch` of ours, so redirects and the body's
 * size are not guarded as they are for the others.
 */
export const completeWithGoogle: CompleteCall = async (target, request, callerSignal) => {
  if (!isModelName(request.model)) {
    const message = 'The model is not a name that Google could have';
    return { ok: false, failure: configurationFault({ status: 404, message, retry_after_ms: null }) };
  }
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
};
