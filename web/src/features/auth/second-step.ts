import type { SecondFactorMethod } from '../../../../contracts/api/account/factors.ts';
import { ApiError } from '../../lib/api-client.ts';

/** The second step of a sign-in: proving a second factor, or setting one up. Pure. */
export type SecondStep =
  | { use: 'check'; ticket: string; methods: SecondFactorMethod[] }
  | { use: 'setup'; ticket: string };

/** Returns the step that a refused sign-in asks for, or null for any other error. */
export function secondStepOf(error: unknown): SecondStep | null {
  if (!(error instanceof ApiError)) return null;
  const { ticket, methods } = error.details;
  if (typeof ticket !== 'string') return null;
  if (error.code === 'second_factor_setup_required') return { use: 'setup', ticket };
  if (error.code !== 'second_factor_required' || !Array.isArray(methods)) return null;
  return { use: 'check', ticket, methods };
}
