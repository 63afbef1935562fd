import { createParser } from 'eventsource-parser';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type EventWriter, eventStream } from '../../../worker/http/answers/event-stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IdentityTransformStream', TransformStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The body of a stream that speaks, is silent for 25 s, and speaks again. */
async function bodyOf(first: string, second: string, keep_alive?: string): Promise<string> {
  const context = { executionCtx: { waitUntil: () => undefined } } as unknown as Parameters<
    typeof eventStream
  >[0];
  const speak = async (writer: EventWriter) => {
    await writer.send(first);
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    await writer.send(second);
  };
  const body = eventStream(context, { headers: {}, keep_alive }, speak).text();
  await vi.advanceTimersByTimeAsync(30_000);
  return body;
}

it('keeps a silent stream alive by comments that end no event', async () => {
  const body = await bodyOf('data: {"a":1}\n\n', 'data: {"a":2}\n\n');
  expect(body).toBe('data: {"a":1}\n\n: keep-alive\ndata: {"a":2}\n\n');
  const heard: string[] = [];
  createParser({ onEvent: ({ data }) => heard.push(data) }).feed(body);
  expect(heard).toEqual(['{"a":1}', '{"a":2}']);
});

it('keeps a silent stream alive by an event of its API', async () => {
  const ping = 'event: ping\ndata: {"type":"ping"}\n\n';
  expect(await bodyOf('data: 1\n\n', 'data: 2\n\n', ping)).toContain(ping);
});

it('escapes line separators, at which some clients cut', async () => {
  const text = 'a\u2028b\u2029c\u0085d';
  const body = await bodyOf(`data: ${JSON.stringify({ text })}\n\n`, '');
  expect(body).not.toMatch(/[\u0085\u2028\u2029]/);
  const [, data = ''] = /^data: (.*)$/m.exec(body) ?? [];
  expect(JSON.parse(data)).toEqual({ text });
});
