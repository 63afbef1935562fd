import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutServerSentEvents,
  type ServerSentEvent,
} from '../../../../worker/providers/transport/server-sent-events.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function eventsOf(chunks: Uint8Array[]): ServerSentEvent[] {
  const { cut, end } = cutServerSentEvents();
  return [...chunks.flatMap(cut), ...end()];
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
    ['data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n', [event('{"a":1}'), event('{"b":2}'), event('[DONE]')]],
    ['data: {\ndata: "a":1\ndata: }\n\n', [event('{\n"a":1\n}')]],
    ['data: data: {"a":1}\n\n', [event('{"a":1}')]],
    [
      'data: {"a":\ndata: {"error":{"message":"m"}}\n\n',
      [event('{"a":'), event('{"error":{"message":"m"}}')],
    ],
    ['<html>no events</html>', []],
    ['', []],
  ])('reads %j', (text, expected) => {
    expect(eventsOf([bytesOf(text)])).toEqual(expected);
  });

  it('reads the same however the bytes are cut', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((line) => !/[\r\n]/.test(line));
    const written = fc.array(fc.record({ name: fc.option(text), lines: fc.array(text, { minLength: 1 }) }));
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(written, ends, cuts, (events, end, sizes) => {
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
        expect(eventsOf(chunks)).toEqual(
          // An empty name is none, by the standard.
          events.map(({ name, lines }) => event(lines.join('\n'), name || null)),
        );
      }),
    );
  });

  it('completes no event by a comment or by half an event', () => {
    const { cut } = cutServerSentEvents();
    const chunks = [': keep-alive\n\n', 'data: o', 'ne\n\n'].map(bytesOf);
    expect(chunks.map(cut)).toEqual([[], [], [event('one')]]);
  });

  it.each([
    ['a line', 'x'.repeat(1_024 * 1_024)],
    ['lines', `data: ${'x'.repeat(1_024 * 1_024)}\n`],
  ])('does not collect an event of %s without end', (_what, chunk) => {
    const { cut } = cutServerSentEvents();
    let taken = 0;
    expect(() => {
      for (; taken < 20; taken += 1) cut(bytesOf(chunk));
    }).toThrow('8 MiB');
    expect(taken).toBeLessThan(10);
  });

  it('is done with a long line in a time that grows with its length alone', () => {
    const chunks = Array.from({ length: 60_000 }, () => bytesOf('x'.repeat(100)));
    const started_at = performance.now();
    const [whole] = eventsOf([bytesOf('data: '), ...chunks, bytesOf('\n\n')]);
    expect(whole?.data).toHaveLength(6_000_000);
    expect(performance.now() - started_at).toBeLessThan(3_000);
  });
});
