import type { BrandImageType } from '../../../contracts/tenants/brand-image.ts';

/** Types and sizes of raster images, read from their bytes. Pure. */

type RasterType = Exclude<BrandImageType, 'image/svg+xml'>;
/** The size in pixels. */
type Size = { width: number; height: number };

/** A raster image. The size is null if the bytes end before it. */
export type Raster = { media_type: RasterType; size: Size | null };

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const startsWith = (bytes: Uint8Array, signature: number[], at = 0): boolean =>
  signature.every((byte, index) => bytes[at + index] === byte);
const hasText = (bytes: Uint8Array, text: string, at: number): boolean =>
  startsWith(
    bytes,
    [...text].map((letter) => letter.charCodeAt(0)),
    at,
  );

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** The size stands in the first chunk. */
function pngSize(bytes: Uint8Array): Size | null {
  if (bytes.length < 33 || !hasText(bytes, 'IHDR', 12)) return null;
  const view = viewOf(bytes);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** True for the markers of segments that hold the size: SOF0 to SOF15 without DHT, JPG and DAC, which share their range. */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** The size stands in the start of the frame, after other segments. */
function jpegSize(bytes: Uint8Array): Size | null {
  const view = viewOf(bytes);
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (isStartOfFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // A byte of filling before a marker has no length.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

/** The size stands in the first chunk, in one of three forms. */
function webpSize(bytes: Uint8Array): Size | null {
  if (bytes.length < 30) return null;
  const view = viewOf(bytes);
  const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (hasText(bytes, 'VP8X', 12)) return { width: three(24) + 1, height: three(27) + 1 };
  if (hasText(bytes, 'VP8L', 12) && bytes[20] === 0x2f) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (hasText(bytes, 'VP8 ', 12) && startsWith(bytes, [0x9d, 0x01, 0x2a], 23))
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  return null;
}

/** Returns the type and size of a PNG, JPEG or WebP image, or null for anything else. */
export function rasterOf(bytes: Uint8Array): Raster | null {
  if (startsWith(bytes, PNG_SIGNATURE)) return { media_type: 'image/png', size: pngSize(bytes) };
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return { media_type: 'image/jpeg', size: jpegSize(bytes) };
  if (hasText(bytes, 'RIFF', 0) && hasText(bytes, 'WEBP', 8))
    return { media_type: 'image/webp', size: webpSize(bytes) };
  return null;
}
