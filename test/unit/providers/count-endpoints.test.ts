import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenerativeAI } from '@google/generative-ai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { simulatedApis } from '../../../dev/simulators/apis.ts';
import { startSimulators } from '../../../dev/simulators/server.ts';
import { heldTokensOf } from '../../../worker/providers/metering/input-count.ts';
import { inputTokensBoundOf } from '../../../worker/providers/metering/token-bound.ts';
import type { NeutralRequest } from '../../../worker/providers/provider.ts';
import { providerClient } from '../../../worker/providers/provider-client.ts';
import { setFault } from '../../support/simulators.ts';
import { say } from './wire-cases.ts';

/** Endpoints that count the input of a request: the simulated ones, and what we make of their answers. */

let simulators: Awaited<ReturnType<typeof startSimulators>>;
beforeAll(async () => {
  simulators = await startSimulators();
});
afterAll(() => simulators.stop());
const reset = () => fetch(`${simulators.origin}/_control/reset`, { method: 'POST' });
afterEach(reset);

const kinds = ['anthropic', 'google'] as const;
const request: NeutralRequest = {
  model: 'any-model',
  messages: say(['system', 'Answer briefly.'], ['user', 'How do I bake bread?'.repeat(50)]),
  max_output_tokens: 500,
  tools: [{ name: 'get_recipe', description: 'Finds one', parameters: { type: 'object' } }],
};

const clientOf = (kind: (typeof kinds)[number], timeout_ms = 2_000) =>
  providerClient({
    ...{ kind, secret: 'sk-test-1234567890', timeout_ms },
    base_url: `${simulators.origin}${simulatedApis[kind].base_path}`,
  });

/** Returns the input tokens that the answer to the request reports. */
async function reportedBy(kind: (typeof kinds)[number]): Promise<number> {
  const patience = { first_event_timeout_ms: 2_000, idle_timeout_ms: 2_000 };
  const started = await clientOf(kind).stream(request, new AbortController().signal, patience);
  if (!started.ok) throw new Error(started.failure.message);
  for await (const event of started.events)
    if (event.type === 'done' && event.usage !== null) return event.usage.input_tokens;
  throw new Error('Nothing was reported');
}

describe.each(kinds)('the input of a request, counted at the simulated %s', (kind) => {
  it('is what its answer reports, and a little more is held, far below the bound', async () => {
    const tokens = await reportedBy(kind);
    expect(await clientOf(kind).countInput(request)).toEqual({ tokens, source: 'provider' });
    const held = heldTokensOf({ tokens, source: 'provider' });
    expect(held).toBeGreaterThan(tokens);
    expect(held).toBeLessThan(1.03 * tokens + 17);
    expect(held).toBeLessThan(inputTokensBoundOf(kind, request, 200_000) / 2);
    expect(heldTokensOf({ tokens, source: 'tokenizer' })).toBe(tokens);
  });

  it.each(['not_found', 'rate_limited', 'server_error', 'overloaded', 'empty_body', 'malformed_sse'])(
    'is not known at %s',
    async (mode) => {
      await setFault(simulators.origin, kind, mode, { requests: 'count' });
      expect(await clientOf(kind).countInput(request)).toBeNull();
    },
  );

  it.each(['missing_usage', 'hostile_usage', 'reset_before', 'reset_mid_stream'])(
    'is not known at %s, and the request itself is answered',
    async (mode) => {
      await setFault(simulators.origin, kind, mode, { requests: 'count' });
      expect(await clientOf(kind).countInput(request)).toBeNull();
      expect(await reportedBy(kind)).toBeGreaterThan(100);
    },
  );

  it.each(['slow', 'hang'])('is not waited for longer than it has time at %s', async (mode) => {
    await setFault(simulators.origin, kind, mode, { requests: 'count', delay_ms: 5_000 });
    const begun = Date.now();
    expect(await clientOf(kind, 100).countInput(request)).toBeNull();
    expect(Date.now() - begun).toBeLessThan(2_000);
  });

  it('is counted apart from the requests to generate', async () => {
    await clientOf(kind).countInput(request);
    const answer = await fetch(`${simulators.origin}/_control/requests`);
    expect(await answer.json()).toMatchObject({ total: 0, counted_by_provider: { [kind]: 1 } });
  });
});

describe('the endpoints that count, asked by the official SDKs', () => {
  it('are those of Anthropic and Google', async () => {
    const anthropic = new Anthropic({ apiKey: 'any', baseURL: `${simulators.origin}/anthropic` });
    const messages = [{ role: 'user' as const, content: 'Why is the sky blue?' }];
    const counted = await anthropic.messages.countTokens({ model: 'm', messages });
    const gemini = new GoogleGenerativeAI('any').getGenerativeModel(
      { model: 'm' },
      { baseUrl: `${simulators.origin}/google` },
    );
    const { totalTokens } = await gemini.countTokens('Why is the sky blue?');
    expect([counted.input_tokens, totalTokens]).toEqual([9, 9]);
    const whole = await gemini.countTokens({
      generateContentRequest: { contents: [{ role: 'user', parts: [{ text: 'Why is the sky blue?' }] }] },
    });
    expect(whole.totalTokens).toBe(9);
  });

  it('refuse what the providers refuse', async () => {
    const options = { apiKey: 'any', baseURL: `${simulators.origin}/anthropic`, maxRetries: 0 };
    const counting = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };
    const count = (body: typeof counting, apiKey = 'any') =>
      new Anthropic({ ...options, apiKey }).messages.countTokens(body);
    await expect(count(Object.assign({ max_tokens: 5 }, counting))).rejects.toMatchObject({ status: 400 });
    await expect(count(counting, 'invalid-key')).rejects.toMatchObject({ status: 401 });
    await expect(count({ ...counting, model: 'missing-model' })).rejects.toMatchObject({ status: 404 });
    const other = {
      generateContentRequest: { model: 'models/other', contents: [{ parts: [{ text: 'x' }] }] },
    };
    const answer = await fetch(`${simulators.origin}/google/v1beta/models/m:countTokens?key=any`, {
      method: 'POST',
      body: JSON.stringify(other),
    });
    expect(answer.status).toBe(400);
  });
});
