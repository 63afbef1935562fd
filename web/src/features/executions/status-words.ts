import type { Execution } from '../../../../contracts/api/executions.ts';

/** The statuses of executions as people read them. */
export const statusNames: Record<Execution['status'], string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

export const isStatus = (text: string | null): text is Execution['status'] =>
  text !== null && Object.hasOwn(statusNames, text);
