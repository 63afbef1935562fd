import { z } from 'zod';

/** Findings of the last check of a custom domain. Stored with the domain. */

/** The standing of a custom domain on its way to serve its tenant. */
export const domainStatuses = [
  'waiting_for_txt',
  'issuing',
  'active',
  'moved',
  'failed',
  'deleting',
] as const;
export type DomainStatus = (typeof domainStatuses)[number];

/** Reasons for which a domain does not go on. */
export const domainProblems = [
  'taken',
  'blocked',
  'refused',
  'quota',
  'unreachable',
  'never_proven',
  'never_issued',
  'proof_gone',
  'points_elsewhere',
  'certificate_timed_out',
  'registration_gone',
] as const;
export type DomainProblem = (typeof domainProblems)[number];

/** A record that Cloudflare asks for: always TXT. */
const txtRecord = z.object({ name: z.string(), value: z.string() });

/** A custom hostname as Cloudflare reports it. */
export const customHostname = z.object({
  id: z.string(),
  /** The status of the hostname: `pending`, `active`, `moved`, `blocked` and others. */
  status: z.string(),
  /** The status of its certificate: `pending_validation`, `active` and others. */
  certificate_status: z.string(),
  errors: z.array(z.string()),
  certificate_errors: z.array(z.string()),
  ownership_record: txtRecord.nullable(),
  certificate_records: z.array(txtRecord),
});
export type CustomHostname = z.infer<typeof customHostname>;

/** `unknown`: no server answered. */
export const domainFindings = z.object({
  proof: z.enum(['found', 'missing', 'unknown']),
  /** `unclear`: the hostname has addresses that do not tell where they lead. `nowhere`: it has none. */
  routing: z.enum(['here', 'elsewhere', 'unclear', 'nowhere', 'unknown']),
  custom_hostname: customHostname.nullable(),
  /** Cloudflare's own words for a refusal. */
  refusal: z.string().nullable(),
});
export type DomainFindings = z.infer<typeof domainFindings>;
