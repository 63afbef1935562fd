import { and, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { TenantSettings } from '../../../contracts/api/tenant/tenant.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { type BrandImageType, brandImagePath } from '../../../contracts/tenants/brand-image.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService } from '../context.ts';
import { tenantAssets, tenants } from '../schema/tenancy.ts';
import { changeTenant, isOwnTenant } from './tenant-settings.ts';

/** An image as it is stored. */
export type StoredImage = {
  /** SHA-256 of `content`, in hex. */
  hash: string;
  media_type: BrandImageType;
  content: Uint8Array<ArrayBuffer>;
};

const insertImage = (database: Database, { hash, media_type, content }: StoredImage) =>
  database.execute(sql`
    insert into ${tenantAssets} (tenant_id, hash, media_type, content)
    select ${tenants.id}, ${hash}, ${media_type}, ${content}::bytea from ${tenants} where ${isOwnTenant}
    on conflict do nothing`);

const deleteImages = (database: Database, which: SQL | undefined) =>
  database.delete(tenantAssets).where(and(sql`${tenantAssets.tenant_id} = app.tenant_id()`, which));

/**
 * Replaces the logo of the caller's tenant, or removes it with null, and records the change in the audit log. Admins only. Images that
 * are no longer the logo are deleted.
 */
export function changeTenantLogo(
  database: Database,
  claims: SessionClaims,
  image: StoredImage | null,
  requestId: string,
): Promise<Result<TenantSettings, { code: EnterRefusal | 'forbidden' }>> {
  return changeTenant(
    database,
    claims,
    { logo_url: image === null ? null : brandImagePath(image.hash) },
    requestId,
    image === null
      ? [deleteImages(database, undefined)]
      : [insertImage(database, image), deleteImages(database, ne(tenantAssets.hash, image.hash))],
  );
}

/** Returns an image of a tenant. */
export async function getBrandImage(
  database: Database,
  tenantId: string,
  hash: string,
): Promise<Result<StoredImage, { code: 'not_found' }>> {
  const answer = await runAsService(database, tenantId, [
    database
      .select({
        hash: tenantAssets.hash,
        media_type: tenantAssets.media_type,
        content: tenantAssets.content,
      })
      .from(tenantAssets)
      .where(and(eq(tenantAssets.tenant_id, tenantId), eq(tenantAssets.hash, hash))),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0];
  if (row === undefined) return fail({ code: 'not_found' });
  return ok({ ...row, content: new Uint8Array(row.content) });
}
