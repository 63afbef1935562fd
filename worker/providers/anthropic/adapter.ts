import Anthropic from '@anthropic-ai/sdk';
import { fieldsOf, requiredCount } from '../metering/reported-usage.ts';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../transport/adjustments.ts';
import { bounded } from '../transport/guarded-fetch.ts';
import { preparedPost } from '../transport/prepared-post.ts';
import { postAdjusted } from '../transport/quirks.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readMessage, readMessageError } from './answer.ts';
import { countParams, messageParams } from './request.ts';
import { readMessageStream } from './stream.ts';

/**
 * The SDK's client. Every setting that it would otherwise read from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL.
 */
const clientOf = ({ base_url, credential }: AdapterTarget): Anthropic =>
  new Anthropic({
    apiKey: credential.api_key,
    authToken: null,
    webhookKey: null,
    baseURL: base_url,
    openTelemetry: false,
  });

const sdk = { clientOf, errorOf: Anthropic.APIError.generate };

const BETA_HEADER = 'anthropic-beta';

/** The header that asks for previews, beside those that the provider's settings name. */
function betaHeader({ settings }: AdapterTarget, betas: unknown): Record<string, string> {
  if (!Array.isArray(betas) || betas.length === 0) return {};
  const [, ofProvider] =
    Object.entries(settings.extra_headers).find(([name]) => name.toLowerCase() === BETA_HEADER) ?? [];
  return { [BETA_HEADER]: [...new Set([...(ofProvider?.split(',') ?? []), ...betas])].join(',') };
}

/** The version of the API that takes sampling parameters. Later ones refuse them, even at their defaults (docs/en/api/migration-2026-10-21). */
const SAMPLING_VERSION = '2023-06-01';
const sampling = ['temperature', 'top_p', 'top_k'];

/** The header that asks for an older version than the SDK's, for a body with parameters that the newer one refuses. */
const versionHeader = (body: object): Record<string, string> =>
  sampling.some((name) => name in body) ? { 'anthropic-version': SAMPLING_VERSION } : {};

/** Posts a body, whose `betas` are sent as a header: so a server that refuses one can be asked without, as for any parameter. */
function messagePost(path: string) {
  const post = preparedPost(path, sdk);
  return (target: AdapterTarget, body: object, signal: AbortSignal) => {
    const { betas, ...sent } = body as { betas?: unknown };
    return post(target, sent, signal, { ...versionHeader(sent), ...betaHeader(target, betas) });
  };
}

const post = messagePost('/v1/messages');
const postCount = messagePost('/v1/messages/count_tokens');

/** Calls Anthropic's messages. */
export const anthropicAdapter: Adapter = {
  stream: (target, request, callerSignal, patience) =>
    streamProvider(target, callerSignal, patience, {
      open: (signal) =>
        postAdjusted(
          { provider_id: target.provider_id, model: request.model },
          adjusted({ ...messageParams(request), stream: true }, adjustmentsOf(target.settings)),
          (sent) => post(target, sent, signal),
          readMessageError,
        ),
      readError: readMessageError,
      cutter: cutServerSentEvents,
      reader: readMessageStream,
      readWhole: readMessage,
    }),
  async countInput(target, request, signal) {
    const response = await postCount(
      target,
      adjusted(countParams(request), adjustmentsOf(target.settings)),
      signal,
    );
    return requiredCount(fieldsOf(await bounded(response).json())?.input_tokens);
  },
};
