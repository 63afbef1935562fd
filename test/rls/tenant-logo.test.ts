import { createHash } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { changeTenantLogo, getBrandImage, type StoredImage } from '../../worker/db/tenants/tenant-logo.ts';
import { pngOf } from '../support/images.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin, auditOf } = world;
afterAll(() => database.stop());

function imageOf(side: number): StoredImage {
  const content = pngOf(side, side);
  return { content, media_type: 'image/png', hash: createHash('sha256').update(content).digest('hex') };
}
const storedHashes = async () => {
  const { rows } = await owner.query('select hash from tenant_assets where tenant_id = $1', [own.tenant_id]);
  return rows.map(({ hash }) => hash);
};

it('a tenant has the bytes of its current logo only, and each change is audited', async () => {
  const [first, second] = [imageOf(16), imageOf(32)];
  const { branding } = got(await changeTenantLogo(worker, admin, first, 'logo-1'));
  expect(branding.logo_url).toContain(first.hash);
  expect(got(await getBrandImage(worker, own.tenant_id, first.hash))).toEqual(first);
  got(await changeTenantLogo(worker, admin, second, 'logo-2'));
  expect(await storedHashes()).toEqual([second.hash]);
  got(await changeTenantLogo(worker, admin, second, 'logo-3'));
  expect(await storedHashes()).toEqual([second.hash]);
  expect(await auditOf('logo-2')).toEqual([
    expect.objectContaining({
      details: expect.objectContaining({
        before: expect.objectContaining({ logo_url: branding.logo_url }),
        after: expect.objectContaining({ logo_url: expect.stringContaining(second.hash) }),
      }),
    }),
  ]);
  expect(await auditOf('logo-3')).toEqual([]);
  expect(got(await changeTenantLogo(worker, admin, null, 'logo-4')).branding.logo_url).toBeNull();
  expect(await storedHashes()).toEqual([]);
});

it('an image is found inside its tenant only', async () => {
  const image = imageOf(48);
  got(await changeTenantLogo(worker, admin, image, 'logo-5'));
  expect(await getBrandImage(worker, foreign.tenant_id, image.hash)).toEqual(refused('not_found'));
});

it('a plain user neither adds nor removes an image', async () => {
  const before = await storedHashes();
  for (const image of [imageOf(64), null])
    expect(await changeTenantLogo(worker, claimsOf(own), image, 'logo-6')).toEqual(refused('forbidden'));
  expect(await storedHashes()).toEqual(before);
});
