import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultSettings } from '../../../../contracts/catalog/provider-settings.ts';
import type { Script } from '../../../../dev/simulators/script.ts';
import {
  type ScriptedUpstream,
  startScriptedUpstream,
} from '../../../../dev/simulators/scripted-upstream.ts';
import { collectStream } from '../../../../worker/providers/chat/collect-stream.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { say } from '../wire-cases.ts';

/** Previews as servers of Anthropic's API get and refuse them. */

let upstream: ScriptedUpstream;
beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
afterAll(() => upstream.stop());

const asked: NeutralRequest = {
  model: 'claude-sonnet-4-6',
  messages: say(['user', 'Hello']),
  max_output_tokens: 100,
  betas: ['interleaved-thinking-2025-05-14'],
  context_edits: [{ type: 'clear_tool_uses_20250919' }],
};
const BOTH = 'interleaved-thinking-2025-05-14,context-management-2025-06-27';

const message = {
  ...{ type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn' },
  usage: { input_tokens: 5, output_tokens: 2 },
};
const refusal = (text: string) => ({
  status: 400,
  body: { type: 'error', error: { type: 'invalid_request_error', message: text } },
});

/** Returns the text of the answer, and the previews and context edits of each request. */
async function ask(script: Script, settings = defaultSettings, more: Partial<NeutralRequest> = {}) {
  const { id, base_url } = upstream.add(script);
  const client = providerClient({ kind: 'anthropic', secret: 'key', base_url, timeout_ms: 5_000, settings });
  const patience = { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000 };
  const started = await client.stream({ ...asked, ...more }, new AbortController().signal, patience);
  const answer = await collectStream(started, 100);
  const sent = upstream.requests(id).map(({ headers, body }) => ({
    betas: headers['anthropic-beta'],
    version: headers['anthropic-version'],
    edits: (body as { context_management?: unknown }).context_management !== undefined,
    isInBody: 'betas' in (body as object),
  }));
  return { text: answer.ok ? answer.completion.text : null, sent };
}

it('are sent in their header, beside those of the provider’s settings', async () => {
  const settings = { ...defaultSettings, extra_headers: { 'Anthropic-Beta': 'own-2026-01-01' } };
  const { text, sent } = await ask({ answers: [{ body: message }] }, settings);
  expect(text).toBe('Hi');
  expect(sent).toMatchObject([{ betas: `own-2026-01-01,${BOTH}`, edits: true, isInBody: false }]);
});

it('an older version is asked for where the newest refuses a parameter', async () => {
  const versionWith = async (more: Partial<NeutralRequest>) =>
    (await ask({ answers: [{ body: message }] }, defaultSettings, more)).sent[0]?.version;
  expect(await versionWith({ temperature: 0.5 })).toBe('2023-06-01');
  expect(await versionWith({})).toBe('2026-10-21');
});

it.each([
  ['Unexpected value(s) `interleaved-thinking-2025-05-14` for the `anthropic-beta` header.'],
  ['invalid beta flag'],
])('that a server refuses as "%s" are left out', async (words) => {
  const { text, sent } = await ask({ answers: [{ times: 1, ...refusal(words) }, { body: message }] });
  expect(text).toBe('Hi');
  expect(sent).toMatchObject([{ betas: BOTH }, { betas: undefined }]);
});

it('whose field a server refuses are left out with it', async () => {
  const refused = refusal('context_management: Extra inputs are not permitted');
  const { text, sent } = await ask({ answers: [{ times: 1, ...refused }, { body: message }] });
  expect(text).toBe('Hi');
  expect(sent).toMatchObject([{ edits: true }, { edits: false }]);
});

it('a server that takes no instructions between turns gets them as text of the user', async () => {
  const { id, base_url } = upstream.add({
    answers: [{ times: 1, ...refusal("role 'system' is not supported on this model") }, { body: message }],
  });
  const client = providerClient({
    ...{ kind: 'anthropic', secret: 'key', base_url, timeout_ms: 5_000, settings: defaultSettings },
  });
  const patience = { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000 };
  const messages = say(['user', 'U'], ['system', 'S']);
  const request = { model: 'claude-opus-4-8', max_output_tokens: 100, messages };
  const started = await client.stream(request, new AbortController().signal, patience);
  expect(await collectStream(started, 100)).toMatchObject({ ok: true });
  const rolesOf = (body: unknown) =>
    (body as { messages: { role: string }[] }).messages.map(({ role }) => role);
  expect(upstream.requests(id).map(({ body }) => rolesOf(body))).toEqual([
    ['user', 'system'],
    ['user', 'user'],
  ]);
  expect(JSON.stringify(upstream.requests(id)[1]?.body)).toContain('<system>\\nS\\n</system>');
});
