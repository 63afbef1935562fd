import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readServerSentEvents,
  type ServerSentEvent,
} from '../../../../worker/providers/transport/server-sent-events.ts';

/** A body that arrives in the given chunks, and counts how many were asked for. */
function bodyOf(chunks: Uint8Array[]) {
  let asked = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[asked];
        asked += 1;
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { reader: body.getReader(), asked: () => asked };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function eventsOf(chunks: Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(bodyOf(chunks).reader))
    if (event !== null) events.push(event);
  return events;
}

const event = (data: string, name: string | null = null): ServerSentEvent => ({ event: name, data });

describe('reading server-sent events', () => {
  it.each([
    ['data: one\n\ndata: two\n\n', [event('one'), event('two')]],
    ['event: ping\ndata: {}\n\n', [event('{}', 'ping')]],
    ['data:one\r\n\r\ndata:two\r\n\r\n', [event('one'), event('two')]],
    ['data: one\r\rdata: two\r\r', [event('one'), event('two')]],
    ['data: first line\ndata: second line\n\n', [event('first line\nsecond line')]],
    [': a comment\n\ndata: one\n\n', [event('one')]],
    ['id: 7\nretry: 10\nunknown: x\ndata: one\n\n', [event('one')]],
    ['event: lonely\n\ndata: one\n\n', [event('one')]],
    ['data\n\n', [event('')]],
    ['data:  two spaces\n\n', [event(' two spaces')]],
    ['data: without its last empty line', [event('without its last empty line')]],
    ['data: one\n', [event('one')]],
    ['<html>no events</html>', []],
    ['', []],
  ])('reads %j', async (text, expected) => {
    expect(await eventsOf([bytesOf(text)])).toEqual(expected);
  });

  it('reads the same however the bytes are cut', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((line) => !/[\r\n]/.test(line));
    const written = fc.array(fc.record({ name: fc.option(text), lines: fc.array(text, { minLength: 1 }) }));
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(written, ends, cuts, async (events, end, sizes) => {
        const bytes = bytesOf(
          events
            .map(({ name, lines }) =>
              [
                ...(name === null ? [] : [`event: ${name}`]),
                ...lines.map((line) => `data: ${line}`),
                '',
                '',
              ].join(end),
            )
            .join(''),
        );
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(await eventsOf(chunks)).toEqual(
          // An empty name is none, by the standard.
          events.map(({ name, lines }) => event(lines.join('\n'), name || null)),
        );
      }),
    );
  });

  it('takes a chunk without a whole event for a sign of life', async () => {
    const seen: (ServerSentEvent | null)[] = [];
    const chunks = [': keep-alive\n\n', 'data: o', 'ne\n\n'].map(bytesOf);
    for await (const one of readServerSentEvents(bodyOf(chunks).reader)) seen.push(one);
    expect(seen).toEqual([null, null, event('one')]);
  });

  it('asks for no more of the body than it is asked for itself', async () => {
    const { reader, asked } = bodyOf(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'].map(bytesOf));
    const events = readServerSentEvents(reader);
    expect(asked()).toBe(0);
    await events.next();
    expect(asked()).toBe(1);
    await events.next();
    expect(asked()).toBe(2);
  });

  it.each([
    ['a line', 'x'.repeat(1_024 * 1_024)],
    ['lines', `data: ${'x'.repeat(1_024 * 1_024)}\n`],
  ])('does not collect an event of %s without end', async (_what, chunk) => {
    const { reader, asked } = bodyOf(Array.from({ length: 20 }, () => bytesOf(chunk)));
    const events = readServerSentEvents(reader);
    await expect(async () => {
      for (let chunks = 0; chunks < 20; chunks += 1) await events.next();
    }).rejects.toThrow('8 MiB');
    expect(asked()).toBeLessThan(10);
  });

  it('is done with a long line in a time that grows with its length alone', async () => {
    const chunks = Array.from({ length: 60_000 }, () => bytesOf('x'.repeat(100)));
    const started_at = performance.now();
    const [whole] = await eventsOf([bytesOf('data: '), ...chunks, bytesOf('\n\n')]);
    expect(whole?.data).toHaveLength(6_000_000);
    expect(performance.now() - started_at).toBeLessThan(3_000);
  });
});
