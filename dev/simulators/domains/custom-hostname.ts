import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DnsZone } from './dns-zone.ts';

/** One simulated custom hostname: it makes a step with every look at it, as its DNS allows. */

/** States that a hostname is put into, whatever its DNS says. */
export const hostnameChange = z.strictObject({
  status: z.enum(['moved', 'blocked', 'deleted']).nullable().optional(),
  certificate_status: z.enum(['validation_timed_out', 'issuance_timed_out']).nullable().optional(),
  /** Looks that pass without a step. */
  pending_polls: z.int().min(0).max(1_000).optional(),
});
export type HostnameChange = z.infer<typeof hostnameChange>;

export type ValidationMethod = 'http' | 'txt' | 'email';

/** The authorities of the simulated certificates, as CAA records name them. */
const AUTHORITIES = ['letsencrypt.org', 'pki.goog', 'ssl.com'];

const certificateSteps = [
  'initializing',
  'pending_validation',
  'pending_issuance',
  'pending_deployment',
  'active',
] as const;

export type CustomHostname = {
  id: string;
  hostname: string;
  method: ValidationMethod;
  status: string;
  certificate_step: number;
  forced: HostnameChange;
  ownership_token: string;
  certificate_token: string;
  created_at: string;
};

export const newCustomHostname = (
  hostname: string,
  method: ValidationMethod,
  forced: HostnameChange,
): CustomHostname => ({
  ...{ id: randomUUID(), hostname, method, status: 'pending', certificate_step: 0, forced: { ...forced } },
  ...{ ownership_token: randomUUID(), certificate_token: randomUUID().replaceAll('-', '') },
  created_at: new Date().toISOString(),
});

const ownershipName = ({ hostname }: CustomHostname) => `_cf-custom-hostname.${hostname}`;
const certificateName = ({ hostname }: CustomHostname) => `_acme-challenge.${hostname}`;

/** A CAA record of the hostname or of a name above it that names none of the authorities. */
function isForbiddenByCaa(dns: DnsZone, hostname: string): boolean {
  const labels = hostname.split('.');
  const nearest = labels
    .map((_, index) => dns.valuesOf(labels.slice(index).join('.'), 'CAA'))
    .find((values) => values.length > 0);
  return (
    nearest !== undefined &&
    !nearest.some((value) => AUTHORITIES.some((authority) => value.includes(authority)))
  );
}

const pointsTo = (dns: DnsZone, hostname: string, target: string) =>
  dns.valuesOf(hostname, 'CNAME').includes(target);

/** Makes the step that a look at the hostname brings. */
export function step(found: CustomHostname, dns: DnsZone, target: string): void {
  const { forced, hostname } = found;
  if (forced.pending_polls !== undefined && forced.pending_polls > 0) {
    forced.pending_polls -= 1;
    return;
  }
  const isHere = pointsTo(dns, hostname, target);
  const isOwned = dns.valuesOf(ownershipName(found), 'TXT').includes(found.ownership_token);
  if (found.status === 'pending' && (isHere || isOwned)) found.status = 'active';
  const isValidated =
    (isHere || dns.valuesOf(certificateName(found), 'TXT').includes(found.certificate_token)) &&
    !isForbiddenByCaa(dns, hostname);
  const isWaiting = certificateSteps[found.certificate_step] === 'pending_validation';
  if (found.certificate_step < certificateSteps.length - 1 && (!isWaiting || isValidated))
    found.certificate_step += 1;
}

/** Returns a custom hostname as Cloudflare's API reports it. */
export function present(found: CustomHostname, dns: DnsZone): object {
  const { hostname, method, forced } = found;
  const status = forced.status ?? found.status;
  const ssl = forced.certificate_status ?? certificateSteps[found.certificate_step];
  const isPending = ssl !== 'active' && ssl !== 'initializing';
  const caa = isForbiddenByCaa(dns, hostname);
  const url = `http://${hostname}/.well-known/pki-validation/${found.certificate_token}.txt`;
  return {
    ...{ id: found.id, hostname, status, created_at: found.created_at },
    ...(status !== 'active' && {
      ownership_verification: { type: 'txt', name: ownershipName(found), value: found.ownership_token },
      ownership_verification_http: {
        http_url: `http://${hostname}/.well-known/cf-custom-hostname-challenge/${found.id}`,
        http_body: found.ownership_token,
      },
    }),
    ...(status === 'pending' && { verification_errors: ['custom hostname does not CNAME to this zone.'] }),
    ssl: {
      ...{ id: found.id, type: 'dv', method, status: ssl, wildcard: false, bundle_method: 'ubiquitous' },
      ...(isPending && {
        validation_records: [
          method === 'txt'
            ? { status: 'pending', txt_name: certificateName(found), txt_value: found.certificate_token }
            : { status: 'pending', http_url: url, http_body: found.certificate_token },
        ],
      }),
      ...(isPending &&
        caa && { validation_errors: [{ message: `caa_error: CAA of ${hostname} forbids issuance` }] }),
    },
  };
}
