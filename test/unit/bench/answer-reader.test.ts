import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AnswerReader } from '../../../bench/load/answer-reader.ts';

const parts = ['data: {"one": "zwei"}\n\n', 'data: drei\n\n', 'data: [DONE]\n\n'];
const body = parts.join('');
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const answers = {
  'with a length': `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  'in chunks': `${head}Transfer-Encoding: chunked\r\n\r\n${parts.map(chunk).join('')}0\r\n\r\n`,
};

/** Cuts bytes at the given places, which may repeat. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [...places.map((place) => place % bytes.length), bytes.length].sort(
    (one, other) => one - other,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

it.each(Object.entries(answers))('an answer %s is read whole, wherever the network cuts it', (_, wire) => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 8 }), (places) => {
      const reader = new AnswerReader();
      const complete = cut(Buffer.from(wire), places)
        .filter((piece) => piece.length > 0)
        .map((piece) => reader.push(piece));
      expect(complete.at(-1)).toBe(true);
      expect(complete.slice(0, -1)).not.toContain(true);
      expect(reader.status).toBe(200);
      expect(reader.text).toBe(body);
    }),
  );
});

it('an answer without a body is complete with its head', () => {
  const reader = new AnswerReader();
  expect(reader.push(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'))).toBe(true);
  expect(reader.status).toBe(204);
});
