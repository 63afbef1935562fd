import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { both, isOwnUser, isService, mayDelete, mayInsert, mayRead, ofTenant } from './access.ts';
import { createdAt } from './columns.ts';
import { users } from './users.ts';

/**
 * Files that users uploaded, without their bytes, which are in the bucket (objects/object-keys.ts). A row never changes. Without a row its
 * object cannot be read.
 */
export const userFiles = pgTable(
  'user_files',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    user_id: uuid('user_id').notNull(),
    filename: text('filename').notNull(),
    /** The type as the bytes and the name tell it (files/media-type.ts). */
    media_type: text('media_type').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    purpose: text('purpose', { enum: ['user_data', 'assistants', 'vision'] }).notNull(),
    created_at: createdAt(),
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    // Ids are UUIDv7: their order is the order of the uploads.
    index('user_files_by_user').on(t.tenant_id, t.user_id, t.id),
    // Read of all tenants: few rows have expired at any moment.
    index('user_files_by_expiry').on(t.expires_at, t.tenant_id),
    check('user_files_purpose_is_known', sql`${t.purpose} in ('user_data', 'assistants', 'vision')`),
    check(
      'user_files_are_of_a_size',
      sql`${t.bytes} between 1 and 33554432 and char_length(${t.filename}) between 1 and 500 and char_length(${t.media_type}) between 1 and 100`,
    ),
    check('user_files_end', sql`${t.expires_at} > ${t.created_at}`),
    mayRead('Files are for the eyes of their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayInsert('Files are uploaded by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayDelete('Files are deleted by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayRead(
      'The service finds what has expired',
      both(ofTenant(t.tenant_id), isService, sql`${t.expires_at} <= now()`),
    ),
    mayDelete(
      'The service deletes what has expired',
      both(ofTenant(t.tenant_id), isService, sql`${t.expires_at} <= now()`),
    ),
  ],
);
