import type { TryLimit } from '../../../contracts/tries.ts';
import { networkOf, siteOf } from './network.ts';
import type { Subject } from './take-tries.ts';

/**
 * Limits of what anybody may ask for without an account: accounts, tenants and mails. They are counted by the address of the client, by
 * the site that the address belongs to, and over all clients. Narrow subjects come first, so that one client that asks for much is
 * stopped by one call and uses up nobody else's tries.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `burst` at once, and the same number again each hour. */
const hourly = (burst: number): TryLimit => ({ burst, refill_ms: HOUR_MS / burst });

/** The limits of one kind of request. */
type Limits = { address: TryLimit; site: TryLimit; all?: TryLimit };

/** Accounts of one tenant. An office or a class registers within the limit of its address; more are invited. */
const REGISTRATIONS: Limits = { address: hourly(10), site: hourly(30), all: hourly(1_000) };
/** Tenants of the platform. The database limits all of them to 50 a day. */
const TENANT_SIGNUPS: Limits = { address: hourly(5), site: hourly(10) };
/** Mails of one tenant that are asked for by naming an address. */
const MAILS: Limits = { address: hourly(20), site: hourly(60) };

const subjectsOf = (scope: string, address: string, { address: one, site, all }: Limits): Subject[] => [
  { name: `${scope}/address/${networkOf(address)}`, limit: one },
  { name: `${scope}/site/${siteOf(address)}`, limit: site },
  ...(all === undefined ? [] : [{ name: `${scope}/all`, limit: all }]),
];

/** Returns the subjects of a registration in a tenant. */
export const ofRegistration = (tenantId: string, address: string): Subject[] =>
  subjectsOf(`${tenantId}/registrations`, address, REGISTRATIONS);

/** Returns the subjects of a sign-up of a tenant. */
export const ofTenantSignup = (address: string): Subject[] =>
  subjectsOf('tenant-signups', address, TENANT_SIGNUPS);

/** Returns the subjects of a mail that somebody asks for. */
export const ofMail = (tenantId: string, address: string): Subject[] =>
  subjectsOf(`${tenantId}/mails`, address, MAILS);
