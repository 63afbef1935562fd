import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  type DomainFindings,
  domainProblems,
  domainStatuses,
} from '../../../contracts/tenants/domain-findings.ts';
import {
  both,
  either,
  isActing,
  isAdmin,
  isAdminOrService,
  isOwnUser,
  isService,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
} from './access.ts';
import { createdAt, updatedAt } from './columns.ts';
import { tenants } from './tenancy.ts';
import { users } from './users.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/**
 * The custom hostnames of tenants. Every tenant can claim any hostname; a proved one belongs to one tenant of the platform, and an
 * active one answers.
 */
export const tenantDomains = pgTable(
  'tenant_domains',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    hostname: text('hostname').notNull(),
    status: text('status', { enum: domainStatuses }).notNull().default('waiting_for_txt'),
    /** The time of the last change of the status. */
    status_since: moment('status_since').notNull().defaultNow(),
    /** The random part of the TXT record that proves the ownership. */
    verification_token: text('verification_token').notNull(),
    /** The id of the custom hostname at Cloudflare, while there is one. */
    custom_hostname_id: text('custom_hostname_id'),
    /** Findings of the last check. */
    findings: jsonb('findings').$type<DomainFindings>(),
    problem: text('problem', { enum: domainProblems }),
    /** The time since which the proof or the routing of a proved domain is missing. */
    missing_since: moment('missing_since'),
    /** The start of the last check. A check saves its results only while no other one has begun. */
    check_started_at: moment('check_started_at'),
    checked_at: moment('checked_at'),
    /** The time after which the hourly run checks the domain; null for never. */
    next_check_at: moment('next_check_at').defaultNow(),
    verified_at: moment('verified_at'),
    /** Null for a superadmin, who is of another tenant. */
    created_by: uuid('created_by'),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.created_by], foreignColumns: [users.tenant_id, users.id] }),
    uniqueIndex('tenant_domains_hostname_once_per_tenant')
      .on(t.tenant_id, t.hostname)
      .where(sql`status <> 'deleting'`),
    uniqueIndex('tenant_domains_one_owner').on(t.hostname).where(sql`status in ('issuing', 'active')`),
    check(
      'tenant_domains_hostname_is_lower_case',
      sql`${t.hostname} = lower(${t.hostname}) and ${t.hostname} !~ '[^a-z0-9.-]'`,
    ),
    check(
      'tenant_domains_status_is_known',
      sql`${t.status} in ('waiting_for_txt', 'issuing', 'active', 'moved', 'failed', 'deleting')`,
    ),
    mayRead(
      'Admins see the domains of their tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert(
      'Admins claim hostnames for their tenant, without a proof',
      both(
        ofTenant(t.tenant_id),
        isAdmin,
        sql`${t.status} = 'waiting_for_txt' and ${t.custom_hostname_id} is null`,
        either(isOwnUser(t.created_by), both(isActing, sql`${t.created_by} is null`)),
      ),
    ),
    mayUpdate(
      'Admins begin to remove hostnames of their tenant',
      both(ofTenant(t.tenant_id), isAdmin),
      both(ofTenant(t.tenant_id), isAdmin, sql`${t.status} = 'deleting'`),
    ),
    mayUpdate('The service keeps what checks of hostnames find', both(ofTenant(t.tenant_id), isService)),
    mayDelete(
      'The service forgets hostnames that are removed',
      both(ofTenant(t.tenant_id), isService, sql`${t.status} = 'deleting'`),
    ),
  ],
);
