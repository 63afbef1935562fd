import {
  type SecondFactorMethod,
  secondFactorDetails,
  setupDetails,
} from '../../../../contracts/api/account/factors.ts';
import { ApiError } from '../../lib/api-client.ts';

/** The second step of a sign-in: proving a second factor, or setting one up. Pure. */
export type SecondStep =
  | { use: 'check'; ticket: string; methods: SecondFactorMethod[] }
  | { use: 'setup'; ticket: string };

/** Returns the step that a refused sign-in asks for, or null for any other error. */
export function secondStepOf(error: unknown): SecondStep | null {
  if (!(error instanceof ApiError)) return null;
  if (error.code === 'second_factor_required') {
    const details = secondFactorDetails.safeParse(error.details);
    return details.success ? { use: 'check', ...details.data } : null;
  }
  const details = setupDetails.safeParse(error.details);
  return error.code === 'second_factor_setup_required' && details.success
    ? { use: 'setup', ticket: details.data.ticket }
    : null;
}
