import { fail, ok, type Result } from '../../contracts/result.ts';
import { domainOfEmail } from '../../contracts/tenants/registration.ts';
import type { FieldRefusal } from './field-refusal.ts';

/** Domains whose mailboxes anybody opens for a few minutes, about 10,000. Read when it is first needed. */
let known: Promise<ReadonlySet<string>> | undefined;

const read = async (): Promise<ReadonlySet<string>> => {
  const { disposableEmailBlocklistSet } = await import('disposable-email-domains-js');
  return disposableEmailBlocklistSet();
};

/** Refuses an address of a service for throw-away mailboxes, or at a subdomain of one, in every tenant. */
export async function refuseDisposableEmail(email: string): Promise<Result<null, FieldRefusal>> {
  known ??= read();
  const domains = await known;
  const labels = domainOfEmail(email).split('.');
  if (!labels.some((_, index) => domains.has(labels.slice(index).join('.')))) return ok(null);
  return fail({
    code: 'field_refused',
    field: 'email',
    rule: 'disposable',
    message: 'This is an address of a service for throw-away mailboxes. Use an address that you keep.',
  });
}
