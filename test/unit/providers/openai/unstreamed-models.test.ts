import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import type { StreamEvent } from '../../../../worker/providers/provider.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { say } from '../wire-cases.ts';

/** OpenAI's words for a model that an organization may use, and not stream; and for one that knows no streams. */
const unverified =
  'Your organization must be verified to stream this model. Please go to: https://example.test';
const unstreamed = "Unsupported value: 'stream' does not support true with this model.";

const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"q":1}' } };
const completion = {
  choices: [{ message: { content: 'Hi.', tool_calls: [call] }, finish_reason: 'tool_calls' }],
  usage,
};

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that refuses streams so, and answers in one piece. Tells what it was asked. */
async function refusing(message: string, status = 400) {
  const asked: { stream?: boolean }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const body = (await json(request)) as { stream?: boolean };
    asked.push(body);
    const error = { message, type: 'invalid_request_error', param: 'stream', code: 'unsupported_value' };
    response.writeHead(body.stream === true ? status : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body.stream === true ? { error } : completion));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = providerClient({ kind: 'openai', base_url, secret: 'sk-test-1', timeout_ms: 5_000 });
  const start = await provider.stream(
    { model: 'o3', messages: say(['user', 'Hello']), max_output_tokens: 100 },
    new AbortController().signal,
    { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000 },
  );
  return { start, streamed: asked.map(({ stream }) => stream === true) };
}

it.each([unverified, unstreamed])('is asked in one piece, and told as a stream: %s', async (message) => {
  const { start, streamed } = await refusing(message);
  expect(streamed).toEqual([true, false]);
  if (!start.ok) throw new Error(start.failure.message);
  const events: StreamEvent[] = [];
  for await (const event of start.events) events.push(event);
  expect(events).toMatchObject([
    { type: 'text', text: 'Hi.' },
    { type: 'tool_call', index: 0, id: 'call_1', name: 'look_up' },
    { type: 'tool_arguments', index: 0, json: '{"q":1}' },
    { type: 'done', finish_reason: 'tool_calls', usage: { input_tokens: 9, output_tokens: 5 } },
  ]);
});

it('is not asked again when it refuses for another reason', async () => {
  const { start, streamed } = await refusing('The parameter stream is fine, the rest is not');
  expect(start).toMatchObject({ ok: false, failure: { kind: 'invalid_request', retryable: false } });
  expect(streamed).toEqual([true]);
});

it('that an organization may not use at all leads to the next candidate', async () => {
  const { start } = await refusing('Your organization must be verified to use the model `x`.', 403);
  expect(start).toMatchObject({ ok: false, failure: { kind: 'invalid_request', retryable: true } });
});
