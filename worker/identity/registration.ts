import { fail, ok, type Result } from '../../contracts/result.ts';
import { domainOfEmail } from '../../contracts/tenants/registration.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';

export type RegistrationRefusal = {
  code: 'registration_closed' | 'invitation_required' | 'email_domain_refused';
};

/**
 * Checks that an email address can get an account in a tenant. `invited`: the person has a valid invitation, which stands in for the
 * address's domain. Pure.
 */
export function checkRegistration(
  tenant: Pick<TenantSnapshot, 'registration' | 'registration_email_domains'>,
  email: string,
  { invited = false }: { invited?: boolean } = {},
): Result<null, RegistrationRefusal> {
  switch (tenant.registration) {
    case 'open':
      return ok(null);
    case 'closed':
      return fail({ code: 'registration_closed' });
    case 'invitation':
      return invited ? ok(null) : fail({ code: 'invitation_required' });
    case 'email_domains':
      return invited || tenant.registration_email_domains.includes(domainOfEmail(email))
        ? ok(null)
        : fail({ code: 'email_domain_refused' });
  }
}
