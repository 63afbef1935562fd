import type { ProviderTest } from '../../contracts/api/catalog.ts';
import { createProvider } from '../providers/create-provider.ts';
import { listProviderModels } from '../providers/list-provider-models.ts';
import type { ProviderFailure, ProviderTarget } from '../providers/provider.ts';

/** An administrator waits for the answer. */
const TEST_TIMEOUT_MS = 15_000;
/** The least that every provider accepts as a limit. */
const TEST_OUTPUT_TOKENS = 16;

/** What a failure means to whoever typed the key and the address in. */
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
  invalid_response: 'What answered does not speak the protocol of this kind',
};

/** A failure in plain words, the provider's own behind them. */
const inWords = ({ kind, status, message }: ProviderFailure): string =>
  `${meanings[kind]}${status === null ? '' : ` (${status})`}: ${message}`;

async function call(target: ProviderTarget, model: string): Promise<ProviderFailure | null> {
  const answer = await createProvider(target).complete(
    {
      model,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Say yes.' }] }],
      max_output_tokens: TEST_OUTPUT_TOKENS,
    },
    new AbortController().signal,
  );
  return answer.ok ? null : answer.failure;
}

/** Calls a provider once: for its list of models, or with a tiny prompt when a model is named. Nothing is saved or charged. */
export async function testProvider(
  { kind, base_url, api_key }: Omit<ProviderTarget, 'timeout_ms'>,
  testModel: string | undefined,
): Promise<ProviderTest> {
  const target = { kind, base_url, api_key, timeout_ms: TEST_TIMEOUT_MS };
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
  const { kind: failureKind, status } = failure;
  return { ok: false, latency_ms, failure: { kind: failureKind, status, message: inWords(failure) } };
}
