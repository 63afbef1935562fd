import { z } from 'zod';

/** Rules of registration in a tenant. */

/** The rule by which people create an account. */
export const registrationMode = z.enum(['open', 'invitation', 'email_domains', 'closed']).meta({
  id: 'RegistrationMode',
  description:
    'The rule by which people create an account: `open`: everyone can; `invitation`: only with an invitation; `email_domains`: with an email address of some domains, or with an invitation; `closed`: nobody can.',
});
export type RegistrationMode = z.infer<typeof registrationMode>;

/** The events that a newcomer's allocation can wait for. */
export const allocationAfter = z
  .enum(['registration', 'verification', 'approval'])
  .meta({ id: 'AllocationAfter' });
export type AllocationAfter = z.infer<typeof allocationAfter>;

/**
 * True if accounts of newcomers can be used only once their address is verified. Then nobody without an account learns which addresses
 * have one. Without mail no address could be verified.
 */
export const requiresVerification = (allocation_after: AllocationAfter, sends_mail: boolean): boolean =>
  sends_mail && allocation_after === 'verification';

/** Most email domains of one tenant. */
export const EMAIL_DOMAINS_MAX = 100;

/** Labels of letters, digits and inner hyphens; the last begins with a letter, so that an IP address is none. */
const domainPattern = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** The part of an email address after the `@`, in lower case. */
export const emailDomain = z
  .string()
  .trim()
  .min(4)
  .max(253)
  .toLowerCase()
  .regex(domainPattern, 'must be a domain such as example.com, without @; write others than ASCII as xn--');

/** Returns the domain of an email address, in lower case. */
export const domainOfEmail = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase();

/** True if people can create an account without an invitation, at least with some email addresses. */
export const isRegistrationOpen = (mode: RegistrationMode): boolean =>
  mode === 'open' || mode === 'email_domains';
