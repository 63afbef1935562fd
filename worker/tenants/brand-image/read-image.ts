import { fail, ok, type Result } from '../../../contracts/result.ts';
import {
  BRAND_IMAGE_BYTES_MAX,
  BRAND_IMAGE_SIDE_PX,
  type BrandImageType,
} from '../../../contracts/tenants/brand-image.ts';
import { rasterOf } from './raster.ts';
import { sanitiseSvg } from './svg.ts';

/** An image that can be stored and served. */
export type BrandImage = { media_type: BrandImageType; content: Uint8Array<ArrayBuffer> };

/** The reason why an image is refused. */
export type ImageRefusal = {
  code: 'body_too_large' | 'unsupported_media_type' | 'invalid_request';
  rule: string;
  message: string;
};

const refuse = (code: ImageRefusal['code'], rule: string, message: string) =>
  fail<ImageRefusal>({ code, rule, message });

const wrongType = () =>
  refuse('unsupported_media_type', 'media_type', 'must be a PNG, JPEG, WebP or SVG image');
const tooLarge = () =>
  refuse('body_too_large', 'bytes_max', `must have at most ${BRAND_IMAGE_BYTES_MAX / 1_024} KiB`);

/** Returns the text of UTF-8 bytes, or null if they are none. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

function readSvg(text: string): Result<BrandImage, ImageRefusal> {
  const sanitised = sanitiseSvg(text);
  if (!sanitised.ok) return refuse('invalid_request', 'svg', sanitised.failure.reason);
  const content = new Uint8Array(new TextEncoder().encode(sanitised.value));
  return content.length > BRAND_IMAGE_BYTES_MAX ? tooLarge() : ok({ media_type: 'image/svg+xml', content });
}

/**
 * Reads an uploaded logo. Its bytes decide the type, whatever the client called it. A raster image is bounded in its sides, and an SVG is
 * sanitised. Pure.
 */
export function readBrandImage(bytes: Uint8Array<ArrayBuffer>): Result<BrandImage, ImageRefusal> {
  if (bytes.length === 0) return refuse('invalid_request', 'required', 'must not be empty');
  if (bytes.length > BRAND_IMAGE_BYTES_MAX) return tooLarge();
  const raster = rasterOf(bytes);
  if (raster === null) {
    const text = textOf(bytes);
    return text !== null && /^\s*<(?:[\s\S]*<)?(?:[\w-]+:)?svg[\s/>]/.test(text)
      ? readSvg(text)
      : wrongType();
  }
  const { media_type, size } = raster;
  if (size === null) return refuse('invalid_request', 'image', 'must be a whole image');
  const { min, max } = BRAND_IMAGE_SIDE_PX;
  const fits = [size.width, size.height].every((side) => side >= min && side <= max);
  return fits
    ? ok({ media_type, content: bytes })
    : refuse(
        'invalid_request',
        'sides',
        `must have sides of ${min} to ${max} pixels, and has ${size.width} × ${size.height}`,
      );
}
