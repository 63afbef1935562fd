import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { testProvider } from '../../../worker/catalog/test-provider.ts';

type Body = Record<string, unknown>;
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const call = { index: 0, id: 'call_1', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };
const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
const streamed = (reports: boolean) =>
  event({ choices: [{ delta: { tool_calls: [call] }, finish_reason: null }] }) +
  event({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] }) +
  (reports ? event({ choices: [], usage }) : '') +
  'data: [DONE]\n\n';
const whole = JSON.stringify({
  choices: [{ message: { content: 'Sunny.' }, finish_reason: 'stop' }],
  usage,
});

/** Tests a server that refuses bodies in these words, and answers others as a stream or in one piece. */
async function tested(refuse: (body: Body) => string | null, answers: 'streamed' | 'unreported' | 'whole') {
  const server = createServer(async (request, response) => {
    const message = refuse((await json(request)) as Body);
    if (message !== null) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message, code: 400 } }));
      return;
    }
    const type = answers === 'whole' ? 'application/json' : 'text/event-stream';
    response.writeHead(200, { 'content-type': type });
    response.end(answers === 'whole' ? whole : streamed(answers === 'streamed'));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return testProvider({ kind: 'openai', base_url, secret: 'sk-test-1' }, 'm');
}

it('finds a server that streams, reports usage and calls tools', async () => {
  expect(await tested(() => null, 'streamed')).toMatchObject({
    ...{ ok: true, models: null },
    findings: { streams: true, reports_usage: true, tools: 'called', quirks: [] },
  });
});

it('finds an answer in one piece, and a tool that is not called', async () => {
  expect(await tested(() => null, 'whole')).toMatchObject({
    findings: { streams: false, reports_usage: true, tools: 'not_called' },
  });
});

it('finds a server that takes no tools', async () => {
  const refuse = (body: Body) => ('tools' in body ? 'This model does not support tools' : null);
  expect(await tested(refuse, 'whole')).toMatchObject({ ok: true, findings: { tools: 'refused' } });
});

it('finds what the server refuses, and whether usage is missing without it', async () => {
  const refuse = (body: Body) => {
    const name = ['stream_options', 'max_tokens'].find((one) => one in body);
    return name === undefined ? null : `Unsupported parameter: ${name}`;
  };
  expect(await tested(refuse, 'unreported')).toMatchObject({
    findings: {
      reports_usage: false,
      quirks: ['stream_options is left out', 'max_tokens is sent as max_completion_tokens'],
    },
  });
});

it('tells a failure in the server’s words', async () => {
  expect(await tested(() => 'No such tenant', 'whole')).toMatchObject({
    ok: false,
    failure: { kind: 'invalid_request', status: 400, message: expect.stringContaining('No such tenant') },
  });
});
