import { type CreateDomainRequest, createDomainRequest } from '../../../../contracts/api/tenant/domains.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** A domain while it is being filled in. Pure. */

export type DomainDraft = { hostname: string };
export const domainFields = ['hostname'] as const;
export const emptyDomain: DomainDraft = { hostname: '' };

/** Returns the request of a draft, or an error of the field. The API knows the rules of hostnames. */
export const readDomain = ({ hostname }: DomainDraft): FormRead<CreateDomainRequest, keyof DomainDraft> =>
  readForm(
    createDomainRequest,
    { hostname: hostname.trim() },
    { hostname: 'Enter a hostname, such as ai.acme.com' },
  );
