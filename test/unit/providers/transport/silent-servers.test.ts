import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../../worker/providers/provider.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { say } from '../wire-cases.ts';

type Step = string | number;

/**
 * The events of a server that sends these texts and pauses so many milliseconds between them. It leaves the connection open unless
 * it `ends`.
 */
async function heard(
  steps: Step[],
  idle_timeout_ms: number,
  { type = 'text/event-stream', ends = false } = {},
): Promise<StreamEvent[]> {
  const listener: RequestListener = async (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const step of steps) {
      if (typeof step === 'number') await sleep(step);
      else if (!response.destroyed) response.write(step);
    }
    if (ends) response.end();
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = providerClient({ kind: 'openai', base_url, secret: 'key', timeout_ms: 20_000 });
  const request = { model: 'm', messages: say(['user', 'Hi']), max_output_tokens: 50 };
  const patience = { first_event_timeout_ms: 5_000, idle_timeout_ms };
  const start = await client.stream(request, new AbortController().signal, patience);
  const events: StreamEvent[] = [];
  if (start.ok) for await (const event of start.events) events.push(event);
  else events.push({ type: 'failed', failure: start.failure });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return events;
}

const chunk = (content: string, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
const counts = 'data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}\n\n';
const textOf = (events: StreamEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

describe.concurrent('a server that falls silent', { timeout: 15_000 }, () => {
  it.concurrent('within its answer, with empty finish reasons, is waited for', async () => {
    const events = await heard([chunk('H', ''), 6_000, chunk('i', ''), chunk('', 'stop'), counts], 8_000);
    expect(textOf(events)).toBe('Hi');
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: { input_tokens: 10, output_tokens: 5 } });
  });

  it.concurrent('after a finish reason and before its usage is waited for', async () => {
    const events = await heard([chunk('Hi'), chunk('', 'stop'), 6_000, counts], 8_000);
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: { input_tokens: 10, output_tokens: 5 } });
  });

  it.concurrent('between a finish reason and more text loses none of it', async () => {
    const events = await heard([chunk('H', 'stop'), 6_000, chunk('i', 'stop'), counts], 8_000);
    expect(textOf(events)).toBe('Hi');
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: { output_tokens: 5 } });
  });

  it.concurrent('after everything has answered', async () => {
    const events = await heard([chunk('Hi'), chunk('', 'stop'), counts], 60_000);
    expect(events.at(-1)).toMatchObject({ type: 'done', finish_reason: 'stop', usage: { output_tokens: 5 } });
  });

  it.concurrent('after its finish reason has answered, without usage', async () => {
    const events = await heard([chunk('Hi'), chunk('', 'stop')], 300);
    expect(events.at(-1)).toMatchObject({ type: 'done', finish_reason: 'stop', usage: null });
  });

  it.concurrent('after text that followed its finish reason has not answered', async () => {
    const events = await heard([chunk('H', 'stop'), chunk('i')], 300);
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { kind: 'timeout' } });
  });
});

describe('a body with the wrong label', () => {
  const whole = JSON.stringify({
    choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5 },
  });

  it.each(['text/event-stream', 'text/plain', 'application/json'])(
    'is an answer in one piece if it is JSON, as %s',
    async (type) => {
      const steps: Step[] = ['\n', 20, ' ', 20, whole.slice(0, 9), 20, whole.slice(9)];
      const events = await heard(steps, 5_000, { type, ends: true });
      expect(textOf(events)).toBe('Hi');
      expect(events.at(-1)).toMatchObject({ type: 'done', usage: { output_tokens: 5 } });
    },
  );

  const events = [chunk('H'), chunk('i', 'stop'), counts].map((event) => event.replace('data: ', '').trim());
  it.each([
    ['a list of events', `[${events.join(',\n')}]`],
    ['a line for each event', `${events.join('\n')}\n`],
  ])('is a stream if it is %s', async (_, body) => {
    const heardEvents = await heard([body.slice(0, 40), 20, body.slice(40)], 5_000, {
      ...{ type: 'application/json', ends: true },
    });
    expect(textOf(heardEvents)).toBe('Hi');
    expect(heardEvents.at(-1)).toMatchObject({ type: 'done', usage: { output_tokens: 5 } });
  });

  it('is a stream if it holds events', async () => {
    const events = await heard([chunk('H'), 20, chunk('i'), 'data: [DONE]\n\n'], 5_000, {
      type: 'application/json',
    });
    expect(textOf(events)).toBe('Hi');
    expect(events.at(-1)).toMatchObject({ type: 'done' });
  });
});
