import { z } from 'zod';
import { tenantDetail } from './tenants.ts';

/** The export of a tenant: JSON lines. */

/** The kinds of rows, in the order of the file. */
export const tenantExportKinds = [
  'user',
  'level',
  'model',
  'price',
  'execution',
  'ledger_entry',
  'budget_ledger_entry',
] as const;
export type TenantExportKind = (typeof tenantExportKinds)[number];

/** The first line. */
const header = z
  .object({
    type: z.literal('header').describe('The kind of the line.'),
    format: z.literal('vanilla-tenant/1').describe('The format of the file.'),
    tenant: tenantDetail.describe('The tenant.'),
    exported_at: z.iso.datetime().describe('The time the export started.'),
  })
  .meta({ id: 'TenantExportHeader' });

/** A row. */
const row = z
  .looseObject({
    type: z
      .enum(tenantExportKinds)
      .describe(
        'The kind of the row. Kinds follow each other: users, levels, models, prices, executions, the ledgers of users, and the ledger of the budget.',
      ),
  })
  .meta({ id: 'TenantExportRow' });

/** The last line. A file without it is incomplete. */
const end = z
  .object({
    type: z.literal('end').describe('The kind of the line.'),
    rows: z
      .record(z.enum(tenantExportKinds), z.int().min(0).describe('The number of rows of this kind.'))
      .describe('The number of rows of each kind.'),
  })
  .meta({ id: 'TenantExportEnd' });

/** One line of an exported tenant. */
export const tenantExportLine = z
  .union([
    header.describe('The first line: the tenant.'),
    row.describe('A row of the tenant, without secrets and contents.'),
    end.describe('The last line: the number of rows. A file without it is incomplete.'),
  ])
  .meta({ id: 'TenantExportLine' });
export type TenantExportLine = z.infer<typeof tenantExportLine>;
