import { sql } from 'drizzle-orm';
import { check, foreignKey, index, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import {
  both,
  either,
  isOwnUser,
  isService,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
} from './access.ts';
import { users } from './users.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/**
 * Sessions of users, one for each sign-in, with the place they were started from. A session token names its session, and `app.enter_session`
 * refuses the token when the session was ended. Deleted when they have expired.
 */
export const sessions = pgTable(
  'sessions',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    user_id: uuid('user_id').notNull(),
    /** The `iat` of the token. A sign-out everywhere revokes the session by it. */
    issued_at: moment('issued_at').notNull(),
    expires_at: moment('expires_at').notNull(),
    /** The last use, to within ten minutes. */
    last_used_at: moment('last_used_at').notNull().defaultNow(),
    /** The last time that the user proved who they are: at the sign-in, or when asked again. */
    confirmed_at: moment('confirmed_at').notNull().defaultNow(),
    ended_at: moment('ended_at'),
    address: text('address').notNull(),
    agent: text('agent'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    index('sessions_by_user').on(t.tenant_id, t.user_id, t.id),
    index('sessions_by_end').on(t.tenant_id, t.expires_at),
    check('sessions_are_short', sql`length(${t.address}) <= 64 and length(${t.agent}) <= 300`),
    mayRead(
      'Users see their own sessions, and the service what it forgets',
      both(ofTenant(t.tenant_id), either(isOwnUser(t.user_id), isService)),
    ),
    mayInsert('The service starts sessions', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Users use and end their own sessions', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayDelete('The service forgets sessions', both(ofTenant(t.tenant_id), isService)),
  ],
);
