import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { domainStatuses } from '../../tenants/domain-findings.ts';
import { userSummary } from './users.ts';

/** Custom domains of a tenant, for its admins. */

/** The most domains of a tenant. */
export const DOMAINS_MAX = 20;

/** The standing of a custom domain. Only an active domain answers. */
export const domainStatus = z
  .enum(domainStatuses)
  .describe(
    'The status of the domain: `waiting_for_txt`: your TXT record is not there yet; `issuing`: your ownership is proved, and the certificate and the routing are on their way; `active`: answers like every other hostname of the tenant; `moved`: does not answer any more, because it points elsewhere or its TXT record is gone; `failed`: cannot be served; `deleting`: does not answer any more, and is being removed.',
  )
  .meta({ id: 'DomainStatus' });

/** A record to set at the domain's DNS provider. */
export const domainRecord = z
  .object({
    type: z
      .enum(['TXT', 'CNAME', 'ALIAS'])
      .describe(
        'The type of the record. `ALIAS`: a CNAME at the top of a domain, which DNS providers call ALIAS, ANAME or CNAME flattening.',
      ),
    name: z.string().describe('The full name of the record, without a dot at the end.'),
    value: z.string().describe('The value of the record.'),
    purpose: z
      .enum(['proof', 'routing', 'ownership', 'certificate'])
      .describe(
        'The use of the record: `proof` shows that the domain is yours; `routing` brings its visitors here; `ownership` and `certificate` let the network accept the hostname and its certificate before the routing is in place.',
      ),
    required: z.boolean().describe('True if the domain cannot become active, or stay so, without it.'),
  })
  .meta({ id: 'DomainRecord' });
export type DomainRecord = z.infer<typeof domainRecord>;

const domainPart = z
  .object({
    state: z
      .enum(['waiting', 'done', 'problem'])
      .describe('The state of this part: not yet there, in order, or in need of your attention.'),
    message: z.string().describe('A sentence for people: the state and what to do.'),
  })
  .meta({ id: 'DomainPart' });
export type DomainPart = z.infer<typeof domainPart>;

/** A custom domain with its records and states. */
export const domain = z
  .object({
    id: resourceId.describe('The id of the domain.'),
    hostname: z
      .string()
      .describe('The hostname in lower case. International names are in punycode.')
      .meta({ examples: ['ai.acme.com'] }),
    status: domainStatus,
    ownership: domainPart.describe('The proof that the domain is yours.'),
    certificate: domainPart.describe('The certificate for https.'),
    routing: domainPart.describe('The way of visitors from the hostname to this service.'),
    records: z
      .array(domainRecord)
      .describe('The records to set at your DNS provider. More appear after the proof.'),
    error: z
      .string()
      .nullable()
      .describe('The reason for which the domain does not go on. Null if there is none.'),
    checked_at: z.iso.datetime().nullable().describe('The time of the last check. Null before the first.'),
    next_check_at: z.iso
      .datetime()
      .nullable()
      .describe('The time after which the domain is checked again. Null if only you can start a check.'),
    verified_at: z.iso
      .datetime()
      .nullable()
      .describe('The time at which your ownership was last proved. Null if it never was.'),
    created_by: userSummary.nullable().describe('The admin who added it. Null for a superadmin.'),
    created_at: z.iso.datetime().describe('The time at which it was added.'),
  })
  .meta({ id: 'Domain' });
export type Domain = z.infer<typeof domain>;

/** All domains of a tenant, and where they have to point. */
export const domainList = z
  .object({
    items: z.array(domain).describe('All domains, the oldest first.'),
    target: z
      .string()
      .nullable()
      .describe(
        'The hostname that domains have to point to. Null if this platform offers no custom domains.',
      ),
    simulated: z.boolean().describe('True if DNS and certificates are simulated, on a developer’s machine.'),
  })
  .meta({ id: 'DomainList' });
export type DomainList = z.infer<typeof domainList>;

/** Adds a domain. */
export const createDomainRequest = z
  .strictObject({
    hostname: z
      .string()
      .min(1)
      .max(300)
      .describe(
        'The hostname, without scheme, port, path or wildcard. International names are converted to punycode.',
      )
      .meta({ examples: ['ai.acme.com'] }),
  })
  .meta({ id: 'CreateDomainRequest' });
export type CreateDomainRequest = z.infer<typeof createDomainRequest>;
