import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import {
  both,
  isAdminOrService,
  isService,
  mayDelete,
  mayInsert,
  mayRead,
  ofTenant,
  orSuperadmin,
} from './access.ts';

/**
 * Where the actor of an entry of the audit log was: address and browser. Personal data, which the log itself would keep for ever, so
 * they are deleted after 90 days and with the tenant.
 */
export const auditClients = pgTable(
  'audit_clients',
  {
    tenant_id: uuid('tenant_id').notNull(),
    entry_id: uuid('entry_id').notNull(),
    at: timestamp('at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    address: text('address').notNull(),
    agent: text('agent'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.entry_id] }),
    index('audit_clients_by_age').on(t.tenant_id, t.at),
    check('audit_clients_are_short', sql`length(${t.address}) <= 64 and length(${t.agent}) <= 300`),
    mayRead(
      'Admins see where their tenant was used from, and the service what it forgets',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert(
      'The service says where somebody is',
      both(ofTenant(t.tenant_id), isService, sql`${t.at} = now()`),
    ),
    mayDelete('The service forgets', both(ofTenant(t.tenant_id), isService)),
  ],
);
