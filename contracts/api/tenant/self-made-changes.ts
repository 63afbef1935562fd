import { z } from 'zod';

/** The platform's rule for changes that the admins of a tenant make to their own wallet and policy. */
export const selfMadeChangesRequest = z
  .strictObject({
    allowed: z
      .boolean()
      .describe('False turns these changes off, whatever the tenant chose. True leaves it to the tenant.'),
  })
  .meta({ id: 'SetSelfMadeChangesRequest' });

/** The rules of the tenant and of the platform. Both must allow these changes. */
export const selfMadeChanges = z
  .object({
    allowed_by_tenant: z.boolean().describe("The tenant's own setting."),
    allowed_by_platform: z.boolean().describe("The platform's rule for this tenant."),
  })
  .meta({ id: 'SelfMadeChanges' });
export type SelfMadeChanges = z.infer<typeof selfMadeChanges>;
