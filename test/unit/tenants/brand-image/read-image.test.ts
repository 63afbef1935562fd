import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBrandImage } from '../../../../worker/tenants/brand-image/read-image.ts';
import { bytesOf, jpegOf, pngOf, svgOf, webpsOf } from '../../../support/images.ts';

const whole = (media_type: string, content: Uint8Array) => ({ ok: true, value: { media_type, content } });
const refused = (code: string, rule: string) => ({
  ok: false,
  failure: { code, rule, message: expect.stringMatching(/./) },
});

const { lossy, lossless, extended } = webpsOf(300, 200) as Record<string, Uint8Array<ArrayBuffer>>;

describe('a logo', () => {
  it.each([
    ['image/png', pngOf(64, 32)],
    ['image/jpeg', jpegOf(300, 200)],
    ['image/webp', lossy],
    ['image/webp', lossless],
    ['image/webp', extended],
  ])('that is %s by its bytes is stored as it is', (type, bytes) => {
    if (bytes === undefined) throw new Error('an image');
    expect(readBrandImage(bytes)).toEqual(whole(type, bytes));
  });

  it.each([
    ['nothing', new Uint8Array(), 'invalid_request', 'required'],
    ['more bytes than are stored', new Uint8Array(262_145), 'body_too_large', 'bytes_max'],
    ['a GIF', bytesOf('GIF89a\u0001\u0001'), 'unsupported_media_type', 'media_type'],
    ['a PDF', bytesOf('%PDF-1.7'), 'unsupported_media_type', 'media_type'],
    [
      'a page',
      bytesOf('<!doctype html><html><script>alert(1)</script></html>'),
      'unsupported_media_type',
      'media_type',
    ],
    [
      'a page with an SVG',
      bytesOf('<html><body><svg viewBox="0 0 1 1"/></body></html>'),
      'invalid_request',
      'svg',
    ],
    ['text', bytesOf('my logo'), 'unsupported_media_type', 'media_type'],
    ['bytes of nothing', Uint8Array.of(0xc3, 0x28, 0), 'unsupported_media_type', 'media_type'],
    ['the first bytes of a PNG', pngOf(64, 64).slice(0, 20), 'invalid_request', 'image'],
    ['the first bytes of a JPEG', jpegOf(300, 200).slice(0, 12), 'invalid_request', 'image'],
    ['a WebP that ends early', lossy?.slice(0, 20) ?? new Uint8Array(), 'invalid_request', 'image'],
    ['a PNG that is too narrow', pngOf(15, 100), 'invalid_request', 'sides'],
    ['a PNG that is too high', pngOf(16, 2_049), 'invalid_request', 'sides'],
    ['a JPEG of a size that no memory holds', jpegOf(65_535, 65_535), 'invalid_request', 'sides'],
    ['a WebP of no size', webpsOf(1, 1).lossy ?? new Uint8Array(), 'invalid_request', 'sides'],
  ])('that is %s is refused', (_, bytes, code, rule) =>
    expect(readBrandImage(bytes)).toEqual(refused(code, rule)),
  );

  it('that is an SVG is stored sanitised', () => {
    const read = readBrandImage(
      bytesOf(`\ufeff<?xml version="1.0"?><!-- made by hand -->${svgOf('<path d="M0 0h9"/>')}`),
    );
    expect(read).toMatchObject({ ok: true, value: { media_type: 'image/svg+xml' } });
    expect(read.ok && new TextDecoder().decode(read.value.content)).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h9"></path></svg>',
    );
  });

  it('is read or refused, whatever its bytes', () => {
    const beginnings = [pngOf(16, 16), jpegOf(16, 16), lossy, lossless, extended, bytesOf('<svg ')];
    fc.assert(
      fc.property(
        fc.constantFrom(...beginnings.map((bytes) => bytes ?? new Uint8Array())),
        fc.nat(40),
        fc.uint8Array({ maxLength: 60 }),
        (beginning, kept, rest) => {
          const read = readBrandImage(new Uint8Array([...beginning.slice(0, kept), ...rest]));
          expect(read.ok || read.failure.message.length > 0).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
