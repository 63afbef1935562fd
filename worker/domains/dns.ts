import type { Settings } from '../runtime/settings.ts';
import { type DnsAnswer, type RecordType, readDnsAnswer } from './dns-answer.ts';

/** Time for an answer of the resolver, body included. */
const TIMEOUT_MS = 5_000;
/** No answer about one name is longer. */
const BODY_MAX = 100_000;

const UNKNOWN: DnsAnswer = { known: false };

/** Asks the resolver for the records of a name, by DNS over HTTPS. An answer that does not come is `unknown`. */
export async function lookUp(
  { DNS_RESOLVER_URL }: Pick<Settings, 'DNS_RESOLVER_URL'>,
  name: string,
  type: RecordType,
): Promise<DnsAnswer> {
  const url = new URL(DNS_RESOLVER_URL);
  url.searchParams.set('name', name);
  url.searchParams.set('type', type);
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/dns-json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    return answer.ok && text.length <= BODY_MAX ? readDnsAnswer(JSON.parse(text)) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
