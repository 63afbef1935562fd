/**
 * Keys of the bucket. The kind comes first, so that a lifecycle rule of the bucket can name it by a prefix; then the tenant, so that no key
 * of one tenant names an object of another.
 */

/** Kinds of objects: `answers` are kept answers of the response cache, `files` are uploads of users. */
export const objectKinds = ['answers', 'files'] as const;
export type ObjectKind = (typeof objectKinds)[number];

/** Returns the prefix of all objects of a kind that belong to a tenant. Pure. */
export const tenantPrefix = (kind: ObjectKind, tenant_id: string): string => `${kind}/${tenant_id}/`;

/** Returns the prefix of all objects of a kind that belong to a user. Pure. */
export const userPrefix = (kind: ObjectKind, tenant_id: string, user_id: string): string =>
  `${tenantPrefix(kind, tenant_id)}${user_id}/`;

/** Returns the key of an object. `owner` is its user, or `shared` for objects that all users of the tenant may read. Pure. */
export const objectKey = (
  kind: ObjectKind,
  { tenant_id, owner, name }: { tenant_id: string; owner: string; name: string },
): string => `${tenantPrefix(kind, tenant_id)}${owner}/${name}`;
