import { z } from 'zod';
import { resourceId } from '../resource-id.ts';
import { executionStatus } from './executions.ts';
import { pageParams } from './paging.ts';
import { day } from './period.ts';

/** The filters of the list of executions and of its export. All that are given apply together. */
const filter = {
  from: day.optional().describe('The first day (UTC) on which the executions started.'),
  to: day.optional().describe('The last day (UTC) on which the executions started.'),
  user_id: resourceId
    .optional()
    .describe('Returns only the executions of this user. Admins can pass any user of their tenant.'),
  api_key_id: resourceId.optional().describe('Returns only the executions of this API key.'),
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'Returns only the executions of this public model name: the model that answered, or was asked.',
    ),
  provider_id: resourceId
    .optional()
    .describe('Returns only the executions whose last call was to this provider. Running ones have none.'),
  status: executionStatus.optional().describe('Returns only the executions with this status.'),
};

/** Refuses a period that ends before it begins. */
const inOrder = <Schema extends z.ZodObject<typeof filter>>(schema: Schema) =>
  schema.refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    message: 'is before `from`',
    params: { rule: 'before_from' },
  });

export const executionExportParams = inOrder(z.object(filter));
export type ExecutionFilter = z.infer<typeof executionExportParams>;

export const executionListParams = inOrder(pageParams.extend(filter));
