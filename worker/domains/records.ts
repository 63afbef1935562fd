import type { DomainRecord } from '../../contracts/api/tenant/domains.ts';
import type { DomainFindings } from '../../contracts/tenants/domain-findings.ts';
import { isApex } from './hostname.ts';

/** Returns the name of the TXT record that proves the ownership of a hostname. Pure. */
export const proofName = (hostname: string): string => `_vanilla-verify.${hostname}`;

/** Returns the value of the TXT record that proves the ownership. Pure. */
export const proofValue = (token: string): string => `vanilla-verify=${token}`;

/** The validation of certificates: by HTTP through the routing or, at the top of a domain, by TXT. */
export type ValidationMethod = 'http' | 'txt';

/** Returns how the certificate of a hostname is validated. Pure. */
export const validationMethodOf = (hostname: string): ValidationMethod => (isApex(hostname) ? 'txt' : 'http');

type Named = { hostname: string; verification_token: string; findings: DomainFindings | null };

/**
 * Returns the records to set for a domain. Those of ownership and certificate are known once the custom hostname exists. They are
 * required at the top of a domain; elsewhere the routing does without them. Pure.
 */
export function dnsRecords(
  { hostname, verification_token, findings }: Named,
  target: string | null,
): DomainRecord[] {
  const apex = isApex(hostname);
  const txt = (purpose: DomainRecord['purpose'], name: string, value: string, required: boolean) =>
    ({ type: 'TXT', name, value, purpose, required }) as const;
  const found = findings?.custom_hostname ?? null;
  const ownership = found?.ownership_record ?? null;
  return [
    txt('proof', proofName(hostname), proofValue(verification_token), true),
    ...(target === null
      ? []
      : [
          {
            type: apex ? 'ALIAS' : 'CNAME',
            name: hostname,
            value: target,
            purpose: 'routing',
            required: true,
          } as const,
        ]),
    ...(ownership === null ? [] : [txt('ownership', ownership.name, ownership.value, apex)]),
    ...(found?.certificate_records ?? []).map(({ name, value }) => txt('certificate', name, value, apex)),
  ];
}
