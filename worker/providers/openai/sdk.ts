import OpenAI from 'openai';
import type { AdapterTarget } from '../provider-kind.ts';
import { errorIn } from '../transport/error-words.ts';

/**
 * The SDK's client. Every setting that it would otherwise read from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL.
 */
const clientOf = ({ base_url, credential }: AdapterTarget): OpenAI =>
  new OpenAI({
    apiKey: credential.api_key,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: base_url,
  });

/** The parts of OpenAI's SDK that calls are prepared with. */
export const sdk = {
  clientOf,
  errorOf: (status: number, body: object | undefined, message: string | undefined, headers: Headers) =>
    OpenAI.APIError.generate(status, { error: errorIn(body) }, message, headers),
};
