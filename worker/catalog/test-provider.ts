import type { ProviderTest } from '../../contracts/api/catalog.ts';
import { collectStream } from '../providers/chat/collect.ts';
import { listProviderModels } from '../providers/list-provider-models.ts';
import type { ProviderFailure, ProviderTarget } from '../providers/provider.ts';
import { providerClient } from '../providers/provider-client.ts';

/** The longest test, in milliseconds: an administrator waits for the answer. */
const TEST_TIMEOUT_MS = 15_000;
/** The smallest output limit that every provider accepts. */
const TEST_OUTPUT_TOKENS = 16;

/** Explanations of failures for the administrator who entered the key and the address. */
const meanings: Record<ProviderFailure['kind'], string> = {
  authentication: 'The provider refused the key',
  invalid_request: 'The provider knows no such address or model',
  context_length: 'The model takes no prompt as long as the test prompt',
  rate_limited: 'The provider limits this key or account at the moment',
  overloaded: 'The provider could not answer at the moment',
  timeout: 'The provider did not answer in time',
  network: 'The provider could not be reached',
  content_filter: 'The provider refused the test prompt',
  truncated: 'The provider broke off its answer',
  invalid_response: 'The server at this address does not speak the protocol of this kind',
};

/** The explanation of a failure, followed by the provider's own message. */
const inWords = ({ kind, status, message }: ProviderFailure): string =>
  `${meanings[kind]}${status === null ? '' : ` (${status})`}: ${message}`;

async function call(target: ProviderTarget, model: string): Promise<ProviderFailure | null> {
  const stream = await providerClient(target).stream(
    {
      model,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Say yes.' }] }],
      max_output_tokens: TEST_OUTPUT_TOKENS,
    },
    new AbortController().signal,
    { first_event_timeout_ms: TEST_TIMEOUT_MS, idle_timeout_ms: TEST_TIMEOUT_MS },
  );
  const answer = await collectStream(stream, TEST_OUTPUT_TOKENS);
  return answer.ok ? null : answer.failure;
}

/** Calls a provider once: with a small prompt when a model is named, else for its list of models. Nothing is stored or charged. */
export async function testProvider(
  address: Omit<ProviderTarget, 'timeout_ms'>,
  testModel: string | undefined,
): Promise<ProviderTest> {
  const target = { ...address, timeout_ms: TEST_TIMEOUT_MS };
  const startedAtMs = Date.now();
  const listing = testModel === undefined ? await listProviderModels(target) : null;
  const failure =
    testModel === undefined
      ? listing?.ok === false
        ? listing.failure
        : null
      : await call(target, testModel);
  const latency_ms = Math.max(0, Date.now() - startedAtMs);
  if (failure === null) return { ok: true, latency_ms, models: listing?.ok === true ? listing.models : null };
  const { kind, status } = failure;
  return { ok: false, latency_ms, failure: { kind, status, message: inWords(failure) } };
}
