import { z } from 'zod';
import type { DomainFindings } from '../../contracts/tenants/domain-findings.ts';

/** The JSON that resolvers answer with by DNS over HTTPS. Data of TXT records is quoted, names may end with a dot. */
const dnsJson = z.object({
  Status: z.int(),
  Answer: z.array(z.object({ name: z.string(), type: z.int(), data: z.string() })).optional(),
});

/** Types of records by their numbers. */
export const recordTypes = { A: 1, CNAME: 5, TXT: 16 } as const;
export type RecordType = keyof typeof recordTypes;

/** The records of an answer; `unknown` if no server gave one. A name that does not exist has none. */
export type DnsAnswer = { known: true; records: { type: number; data: string }[] } | { known: false };

const UNKNOWN: DnsAnswer = { known: false };
/** NOERROR and NXDOMAIN: the two that say what there is. */
const definite = new Set([0, 3]);

/** Joins the quoted strings of a TXT record. */
function unquote(data: string): string {
  if (!data.startsWith('"')) return data;
  return [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(([, text = '']) => text.replace(/\\(.)/g, '$1'))
    .join('');
}

const plain = (type: number, data: string): string => {
  if (type === recordTypes.TXT) return unquote(data);
  return type === recordTypes.CNAME ? data.toLowerCase().replace(/\.$/, '') : data;
};

/** Reads a resolver's answer. Pure. */
export function readDnsAnswer(body: unknown): DnsAnswer {
  const parsed = dnsJson.safeParse(body);
  if (!parsed.success || !definite.has(parsed.data.Status)) return UNKNOWN;
  const records = parsed.data.Answer ?? [];
  return { known: true, records: records.map(({ type, data }) => ({ type, data: plain(type, data) })) };
}

const valuesOf = (answer: Extract<DnsAnswer, { known: true }>, type: RecordType) =>
  answer.records.filter((record) => record.type === recordTypes[type]).map(({ data }) => data);

/** Tells whether the TXT records hold the proof. Pure. */
export function proofIn(answer: DnsAnswer, value: string): DomainFindings['proof'] {
  if (!answer.known) return 'unknown';
  return valuesOf(answer, 'TXT').includes(value) ? 'found' : 'missing';
}

/**
 * Tells where a hostname leads, from its addresses and those of the target. A hostname with other addresses and no CNAME is
 * `unclear`: it may lead here by way of a proxy. Pure.
 */
export function routingIn(
  answer: DnsAnswer,
  target: string,
  targetAnswer: DnsAnswer,
): DomainFindings['routing'] {
  if (!answer.known) return 'unknown';
  const aliases = valuesOf(answer, 'CNAME');
  if (aliases.includes(target)) return 'here';
  const addresses = valuesOf(answer, 'A');
  const ours = targetAnswer.known ? valuesOf(targetAnswer, 'A') : [];
  if (addresses.some((address) => ours.includes(address))) return 'here';
  if (aliases.length > 0) return 'elsewhere';
  return addresses.length === 0 ? 'nowhere' : 'unclear';
}
