import { sql } from 'drizzle-orm';
import { check, foreignKey, pgTable, primaryKey, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { accountTokenPurposes } from '../../../contracts/account-token.ts';
import { bytea, createdAt } from './columns.ts';
import { users } from './users.ts';

/**
 * One-time tokens of accounts, at most one for each user and purpose: a new one replaces the one before, and its use deletes it. Only
 * hashes are stored. The Worker's role has no right to the table: `app.issue_account_token` and `app.use_account_token` write it.
 */
export const accountTokens = pgTable(
  'account_tokens',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    purpose: text('purpose', { enum: accountTokenPurposes }).notNull(),
    token_hash: bytea('token_hash').notNull(),
    /** The address that the account gets with the use of the token; of `change_email` only. */
    new_email: text('new_email'),
    /** The mail that the token was made for. Another attempt at the same mail makes it anew. */
    mail_id: text('mail_id').notNull(),
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }).notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id, t.purpose] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    unique('account_tokens_hash_once_per_tenant').on(t.tenant_id, t.token_hash),
    check(
      'account_tokens_purpose_is_known',
      sql`${t.purpose} in ('verify_email', 'reset_password', 'change_email')`,
    ),
    check(
      'account_tokens_only_a_change_has_an_address',
      sql`(${t.purpose} = 'change_email') = (${t.new_email} is not null)`,
    ),
    check('account_tokens_email_is_lower_case', sql`${t.new_email} = lower(${t.new_email})`),
  ],
).enableRLS();
