import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { tenantSettings } from '../../../../contracts/api/tenant/tenant.ts';
import { brandImageTypes } from '../../../../contracts/tenants/brand-image.ts';
import { changeTenantLogo, getBrandImage, type StoredImage } from '../../../db/tenants/tenant-logo.ts';
import {
  type BrandImage,
  type ImageRefusal,
  readBrandImage,
} from '../../../tenants/brand-image/read-image.ts';
import { invalidateTenant } from '../../../tenants/tenant-lookup.ts';
import type { RequestContext, SessionEnv, TenantEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, open, openProblems, problems, session } from '../../openapi/responses.ts';

/** Bytes of an image, in each type that a logo can have. */
const imageContent = Object.fromEntries(
  brandImageTypes.map((type) => [type, { schema: z.string().meta({ format: 'binary' }) }]),
);

const read = createRoute({
  method: 'get',
  path: '/logo/{hash}',
  operationId: 'getTenantLogo',
  tags: ['Tenant'],
  summary: 'Retrieve the logo.',
  description:
    'Returns the image that `branding.logo_url` refers to. Its bytes never change, so it can be cached.',
  security: open,
  request: {
    params: z.object({
      hash: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe('The SHA-256 of the image, in hex.'),
    }),
  },
  responses: { 200: { description: 'The image.', content: imageContent }, ...openProblems('not_found') },
});

const upload = createRoute({
  method: 'put',
  path: '/logo',
  operationId: 'setTenantLogo',
  tags: ['Tenant'],
  summary: 'Upload the logo.',
  description:
    'Replaces the logo. The body is the image: PNG, JPEG or WebP with sides of 16 to 2,048 pixels, or SVG, of at most 256 KiB. Its bytes decide the type. An SVG is rewritten from the parts that draw; one with scripts, animations, or references to other files is refused. Admins only.',
  security: session,
  request: { body: { required: true, content: imageContent } },
  responses: {
    200: json(tenantSettings, 'The settings after the change.'),
    ...problems('body_too_large', 'unsupported_media_type'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/logo',
  operationId: 'deleteTenantLogo',
  tags: ['Tenant'],
  summary: 'Remove the logo.',
  description: 'The initial of the name takes its place. Admins only.',
  security: session,
  responses: { 200: json(tenantSettings, 'The settings after the change.'), ...problems() },
});

/** The most that a browser lets an image do that is opened by itself: draw. */
const IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/** Answers an image. Its address holds its hash, so caches keep it. */
const answerImage = ({ content, media_type, hash }: StoredImage) =>
  new Response(content, {
    headers: {
      'content-type': media_type,
      'content-security-policy': IMAGE_POLICY,
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${hash}"`,
    },
  });

function refuseImage(c: RequestContext, { code, rule, message }: ImageRefusal) {
  const issues = [{ field: 'body', rule, message }];
  return problem(c, code, { message: `body: ${message}`, details: { in: 'body', issues } });
}

const stored = async ({ media_type, content }: BrandImage): Promise<StoredImage> => {
  const hash = await crypto.subtle.digest('SHA-256', content);
  return { media_type, content, hash: new Uint8Array(hash).toHex() };
};

async function change(c: Context<SessionEnv>, image: StoredImage | null) {
  const { database, requestId } = dependenciesOf(c);
  const changed = await changeTenantLogo(database, c.var.claims, image, requestId);
  if (!changed.ok) return problem(c, changed.failure.code);
  await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
  return c.json(changed.value, 200);
}

/** The logo, for everybody who opens the hostname. */
export const tenantLogoRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid }).openapi(
  read,
  async (c) => {
    const image = await getBrandImage(dependenciesOf(c).database, c.var.tenant.id, c.req.valid('param').hash);
    return image.ok ? answerImage(image.value) : problem(c, image.failure.code);
  },
);

/** Changes of the logo. The database checks the role. */
export const tenantLogoChangeRoutes = new OpenAPIHono<SessionEnv>()
  .openapi(upload, async (c) => {
    const image = readBrandImage(new Uint8Array(await c.req.arrayBuffer()));
    return image.ok ? change(c, await stored(image.value)) : refuseImage(c, image.failure);
  })
  .openapi(remove, (c) => change(c, null));
