import type { PromptFindings, ProviderTest } from '../../contracts/api/catalog.ts';
import { collectStream } from '../providers/chat/collect-stream.ts';
import { listProviderModels } from '../providers/list-provider-models.ts';
import type { NeutralRequest, ProviderFailure, ProviderTarget } from '../providers/provider.ts';
import { providerClient } from '../providers/provider-client.ts';
import type { Adjustment } from '../providers/transport/adjustments.ts';
import { quirksOf } from '../providers/transport/quirks.ts';

/** The longest list of models and the longest prompt, in milliseconds: an administrator waits for the answer. */
const LISTING_TIMEOUT_MS = 15_000;
const PROMPT_TIMEOUT_MS = 60_000;
/** Output tokens of the test prompt: enough to call its tool. */
const TEST_OUTPUT_TOKENS = 200;

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

const prompt = (model: string): NeutralRequest => ({
  model,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Call get_weather for Paris.' }] }],
  max_output_tokens: TEST_OUTPUT_TOKENS,
});

const weather = {
  name: 'get_weather',
  description: 'Looks up the weather in a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

type Prompted = { ok: true; findings: PromptFindings } | { ok: false; failure: ProviderFailure };
type Target = ProviderTarget & { provider_id: string };

/** The change of a body in words. */
const wordsOf = (quirk: Adjustment): string =>
  'rename' in quirk ? `${quirk.rename} is sent as ${quirk.to}` : `${Object.values(quirk)[0]} is left out`;

/** Streams one prompt, and says what the server did. */
async function ask(target: Target, request: NeutralRequest): Promise<Prompted> {
  const started_at_ms = Date.now();
  const start = await providerClient(target).stream(request, new AbortController().signal, {
    first_event_timeout_ms: PROMPT_TIMEOUT_MS,
    idle_timeout_ms: PROMPT_TIMEOUT_MS,
  });
  const first_piece_ms = Math.max(0, Date.now() - started_at_ms);
  const answer = await collectStream(start, request.max_output_tokens);
  if (!answer.ok) return answer;
  const { tool_calls, usage } = answer.completion;
  const quirks = quirksOf({ provider_id: target.provider_id, model: request.model });
  return {
    ok: true,
    findings: {
      first_piece_ms,
      streams: start.ok && start.in_one_piece !== true,
      reports_usage: usage !== null,
      tools: tool_calls.length > 0 ? 'called' : 'not_called',
      quirks: quirks.map(wordsOf),
    },
  };
}

/** Asks a model with a tool, and again without when the server refuses that request. */
async function askWithTool(target: Target, model: string): Promise<Prompted> {
  const request = prompt(model);
  const asked = await ask(target, { ...request, tools: [weather] });
  if (asked.ok || asked.failure.kind !== 'invalid_request') return asked;
  const plain = await ask(target, request);
  return plain.ok ? { ok: true, findings: { ...plain.findings, tools: 'refused' } } : asked;
}

/**
 * Calls a provider: streams a short prompt with a tool when a model is named, else asks for its list of models. Nothing is stored or
 * charged.
 */
export async function testProvider(
  address: Omit<ProviderTarget, 'timeout_ms' | 'provider_id'>,
  testModel: string | undefined,
): Promise<ProviderTest> {
  const startedAtMs = Date.now();
  const tested =
    testModel === undefined
      ? await listProviderModels({ ...address, timeout_ms: LISTING_TIMEOUT_MS })
      : await askWithTool(
          { ...address, timeout_ms: PROMPT_TIMEOUT_MS, provider_id: crypto.randomUUID() },
          testModel,
        );
  const latency_ms = Math.max(0, Date.now() - startedAtMs);
  if (tested.ok) {
    const [models, findings] = 'models' in tested ? [tested.models, null] : [null, tested.findings];
    return { ok: true, latency_ms, models, findings };
  }
  const { kind, status } = tested.failure;
  return { ok: false, latency_ms, failure: { kind, status, message: inWords(tested.failure) } };
}
