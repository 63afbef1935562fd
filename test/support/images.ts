import { deflateSync } from 'node:zlib';

/** Images of any size for tests of logos, as few bytes as possible. */

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc >>> 0;
});
const crc32 = (bytes: Buffer): number =>
  (bytes.reduce((crc, byte) => (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8), 0xffffffff) ^
    0xffffffff) >>>
  0;

const chunk = (name: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
};

/** A PNG of one colour that every browser can show. */
export function pngOf(
  width: number,
  height: number,
  [red, green, blue] = [15, 118, 110],
): Uint8Array<ArrayBuffer> {
  const line = Buffer.concat([
    Buffer.of(0),
    Buffer.alloc(width * 3, Buffer.of(red ?? 0, green ?? 0, blue ?? 0)),
  ]);
  const header = Buffer.concat([u32(width), u32(height), Buffer.of(8, 2, 0, 0, 0)]);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => line)))),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

/** The beginning of a JPEG with an application segment and a byte of filling before its size. */
export const jpegOf = (width: number, height: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(
    ...[0xff, 0xd8, 0xff, 0xe0, 0, 6, 1, 2, 3, 4, 0xff, 0xff, 0xc2, 0, 17, 8],
    ...[height >> 8, height & 0xff, width >> 8, width & 0xff, 3, 0, 0, 0],
  );

const riff = (name: string, data: number[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    Buffer.concat([
      Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'),
      Buffer.from(name, 'latin1'),
      Buffer.alloc(4),
      Buffer.from(data),
      Buffer.alloc(16),
    ]),
  );

/** The beginnings of WebP images in the three forms. */
export const webpsOf = (width: number, height: number): Record<string, Uint8Array<ArrayBuffer>> => ({
  lossy: riff('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, width & 0xff, width >> 8, height & 0xff, height >> 8]),
  lossless: riff('VP8L', [0x2f, ...u32((((height - 1) << 14) | (width - 1)) >>> 0).reverse()]),
  extended: riff('VP8X', [
    0,
    0,
    0,
    0,
    (width - 1) & 0xff,
    (width - 1) >> 8,
    0,
    (height - 1) & 0xff,
    (height - 1) >> 8,
    0,
  ]),
});

/** An SVG with these elements. */
export const svgOf = (inside: string, attributes = 'viewBox="0 0 10 10"'): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`;

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
