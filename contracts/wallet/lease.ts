import { z } from 'zod';
import { microUsd } from '../amounts.ts';

/** The end of a lease: `spent` is charged and the rest comes back, except what its successor takes over for running executions. */
export const leaseEnd = z.object({
  lease_id: z.uuid(),
  spent: microUsd,
  successor: z.object({ lease_id: z.uuid(), amount: microUsd }).nullable(),
});
export type LeaseEnd = z.infer<typeof leaseEnd>;
