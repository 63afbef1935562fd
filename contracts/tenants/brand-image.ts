/** Limits of the images of a tenant's brand. */

/** The media types of a logo. */
export const brandImageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'] as const;
export type BrandImageType = (typeof brandImageTypes)[number];

/** Most bytes of an uploaded logo. */
export const BRAND_IMAGE_BYTES_MAX = 262_144;
/** Bounds of the width and the height of a raster image, in pixels. */
export const BRAND_IMAGE_SIDE_PX = { min: 16, max: 2_048 } as const;

/** Returns the path at which an image is served, on the hostnames of its tenant. `hash` is the SHA-256 of its bytes, in hex. */
export const brandImagePath = (hash: string): string => `/api/tenant/logo/${hash}`;
