import { sql } from 'drizzle-orm';
import { check, foreignKey, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { both, isOwnUser, mayDelete, mayInsert, mayRead, mayUpdate, ofTenant } from './access.ts';
import { createdAt, safeIntegers } from './columns.ts';
import { users } from './users.ts';

/**
 * Conversations of the playground. Titles, settings and messages are ciphertexts (worker/conversations/seal.ts). They are for their user
 * alone: there is no policy for admins, for superadmins and for the service.
 */
export const conversations = pgTable(
  'conversations',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    id: uuid('id').notNull(),
    title_ciphertext: text('title_ciphertext').notNull(),
    settings_ciphertext: text('settings_ciphertext').notNull(),
    /** The last message of the branch that is shown. No foreign key: a message is added before it is shown. */
    shown_message_id: uuid('shown_message_id'),
    message_count: integer('message_count').notNull().default(0),
    /** The size of the messages before they were encrypted. */
    bytes: integer('bytes').notNull().default(0),
    created_at: createdAt(),
    /** The time of the last message, to the millisecond: a cursor holds it. */
    used_at: timestamp('used_at', { withTimezone: true, mode: 'string', precision: 3 })
      .notNull()
      .defaultNow(),
  },
  (t) => [
    // One user's conversations are a thousand at most: lists sort them without an index of their own.
    primaryKey({ columns: [t.tenant_id, t.user_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    safeIntegers('conversations_figures_are_counts', t.message_count, t.bytes),
    mayRead('Conversations are read by their user alone', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayInsert('Conversations are begun by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayUpdate('Conversations are changed by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayDelete('Conversations are deleted by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
  ],
);

/** Messages of conversations. Those with the same parent are branches. They go with their conversation. */
export const conversationMessages = pgTable(
  'conversation_messages',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    conversation_id: uuid('conversation_id').notNull(),
    id: uuid('id').notNull(),
    /** No foreign key: the insert requires it, and messages are only ever deleted with their conversation. */
    parent_id: uuid('parent_id'),
    role: text('role', { enum: ['user', 'assistant'] }).notNull(),
    content_ciphertext: text('content_ciphertext').notNull(),
    /** The size of the content before it was encrypted. */
    bytes: integer('bytes').notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id, t.conversation_id, t.id] }),
    foreignKey({
      name: 'conversation_messages_are_of_a_conversation',
      columns: [t.tenant_id, t.user_id, t.conversation_id],
      foreignColumns: [conversations.tenant_id, conversations.user_id, conversations.id],
    }).onDelete('cascade'),
    check('conversation_messages_role_is_known', sql`${t.role} in ('user', 'assistant')`),
    check('conversation_messages_have_a_size', sql`${t.bytes} > 0`),
    mayRead('Messages are read by their user alone', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayInsert('Messages are added by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayUpdate('Answers are completed by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayDelete('Messages are deleted by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
  ],
);
