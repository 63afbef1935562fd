import { describe, expect, it } from 'vitest';
import { jsonOf } from '../../../../worker/providers/transport/stream-reader.ts';

describe('JSON that a server sends', () => {
  it.each([
    '{"id":9007199254740993}',
    '{"id":-12345678901234567890,"more":[18446744073709551615,{"x":1}]}',
    '{"price":0.12345678901234567890}',
    '{"text":"1234567890123456789","id":7}',
  ])('is written again exactly: %s', (text) => {
    expect(JSON.stringify(jsonOf(text))).toBe(text);
  });

  it('is written again exactly wherever the number stands', () => {
    for (let at = 0; at < 40; at += 1) {
      const text = `{"${'x'.repeat(at)}":9007199254740993}`;
      expect(JSON.stringify(jsonOf(text))).toBe(text);
    }
  });

  it('holds plain numbers where JavaScript can hold them', () => {
    expect(jsonOf('{"id":"1234567890123456789","n":12}')).toEqual({ id: '1234567890123456789', n: 12 });
  });

  it.each(['', '{', '{"a":1234567890123456789', 'data: {}'])('is missing in %j', (text) => {
    expect(jsonOf(text)).toBeUndefined();
  });
});
