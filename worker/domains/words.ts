import type { DomainPart } from '../../contracts/api/tenant/domains.ts';
import type { DomainFindings, DomainProblem, DomainStatus } from '../../contracts/tenants/domain-findings.ts';

/** Sentences that tell an admin the state of a domain. Pure. */

export type DescribedDomain = {
  status: DomainStatus;
  problem: DomainProblem | null;
  findings: DomainFindings | null;
  missing_since: string | null;
};

const done = (message: string): DomainPart => ({ state: 'done', message });
const waiting = (message: string): DomainPart => ({ state: 'waiting', message });
const problem = (message: string): DomainPart => ({ state: 'problem', message });

const problems: Record<DomainProblem, string> = {
  taken:
    'Another customer of this platform has proved that this hostname is theirs. If it is yours now, remove their TXT record at your DNS provider. The hostname is free a few hours later.',
  blocked: 'The network does not serve this hostname. Contact support.',
  refused: 'The network refused this hostname.',
  quota:
    'This platform cannot take more domains at the moment. Contact its administrator; the setup goes on by itself.',
  unreachable: 'The network that issues certificates could not be reached. The setup goes on by itself.',
  never_proven: 'The TXT record was not found for 30 days. Set it, then check again.',
  never_issued:
    'The certificate or the routing was not in place after 14 days. Check the records, then check again.',
  proof_gone:
    'The TXT record is gone, so the hostname does not answer any more. Set it again, then check again.',
  points_elsewhere:
    'The hostname does not point here any more, so it does not answer. Point it here again, then check again.',
  certificate_timed_out: 'The certificate took too long. It is requested again with the next check.',
  registration_gone:
    'The hostname is no longer registered with the network. Check again to register it anew.',
};

/** Returns the reason for which a domain does not go on, or null. */
export function errorOf({ problem: code, findings }: DescribedDomain): string | null {
  if (code === null) return null;
  const refusal = code === 'refused' ? (findings?.refusal ?? null) : null;
  return refusal === null ? problems[code] : `${problems[code]} It says: ${refusal}`;
}

function ownership({ status, findings, problem: code, missing_since }: DescribedDomain): DomainPart {
  if (code === 'taken') return problem('Another customer of this platform has this hostname.');
  if (findings?.proof === 'unknown')
    return waiting('Your DNS servers did not answer. The check is repeated.');
  const isProved = status === 'issuing' || status === 'active';
  if (isProved && missing_since !== null && findings?.proof === 'missing')
    return problem('The TXT record is gone. Without it the hostname stops answering within hours.');
  if (isProved) return done('The TXT record is in place. Keep it: it is checked every week.');
  if (findings?.proof === 'found') return done('The TXT record is in place.');
  return findings === null
    ? waiting('Set the TXT record. It is looked for every hour, and whenever you check.')
    : waiting('The TXT record was not found yet. New records can take an hour to be seen.');
}

const isAbout = (errors: string[], words: RegExp) => errors.find((error) => words.test(error));

function certificate({ status, findings }: DescribedDomain): DomainPart {
  const found = findings?.custom_hostname ?? null;
  if (found === null) {
    return status === 'issuing'
      ? waiting('The certificate is about to be requested.')
      : waiting('A certificate is requested once your ownership is proved.');
  }
  if (found.certificate_status === 'active')
    return done('The certificate is in place and renewed by itself.');
  const caa = isAbout(found.certificate_errors, /\bcaa\b/i);
  if (caa !== undefined)
    return problem(
      'A CAA record of your domain forbids the certificate. Allow letsencrypt.org, pki.goog and ssl.com in it, or remove it.',
    );
  const [error] = found.certificate_errors;
  if (error !== undefined) return problem(`The certificate was refused: ${error}`);
  if (found.certificate_status.endsWith('_timed_out')) return problem(problems.certificate_timed_out);
  return found.certificate_status === 'pending_validation' || found.certificate_status === 'initializing'
    ? waiting('The certificate waits for the records below.')
    : waiting('The certificate is being issued. This takes minutes.');
}

function routing({ findings, status }: DescribedDomain): DomainPart {
  switch (findings?.routing) {
    case undefined:
      return waiting('Point the hostname here with the record below.');
    case 'here':
      return done('The hostname points here.');
    case 'unclear':
      return status === 'active'
        ? done('Visitors of the hostname arrive here.')
        : waiting('The hostname has addresses of its own. Replace them by the record below.');
    case 'elsewhere':
      return problem('The hostname points to another service. Replace its CNAME by the record below.');
    case 'nowhere':
      return waiting('The hostname points nowhere yet. Set the record below.');
    case 'unknown':
      return waiting('Your DNS servers did not answer. The check is repeated.');
  }
}

/** Returns the states of a domain's three parts. */
export const describeParts = (domain: DescribedDomain) => ({
  ownership: ownership(domain),
  certificate: certificate(domain),
  routing: routing(domain),
});
