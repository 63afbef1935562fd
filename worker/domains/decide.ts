import type {
  CustomHostname,
  DomainFindings,
  DomainProblem,
  DomainStatus,
} from '../../contracts/tenants/domain-findings.ts';

/** The states of a custom domain and the ways between them. Pure. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A proof or routing that is missing for this long is gone: one failed lookup takes no domain down. */
const MISSING_MAX_MS = HOUR_MS;
/** The time for which an unproved domain is looked at, and a proved one may wait for its certificate or its routing. */
const UNPROVEN_MAX_MS = 30 * DAY_MS;
const ISSUING_MAX_MS = 14 * DAY_MS;
/** The time for which a domain that moved is looked at, in case it comes back. */
const MOVED_WATCH_MS = 7 * DAY_MS;

/** The time between two checks of an active domain. */
const ACTIVE_CHECK_MS = 7 * DAY_MS;
/** Short of an hour, so that every hourly run takes the domain. */
const EVERY_RUN_MS = 50 * 60_000;

/** A domain as a check knows it. */
export type CheckedDomain = {
  status: DomainStatus;
  status_since_ms: number;
  missing_since_ms: number | null;
  problem: DomainProblem | null;
};

/** The reason for which Cloudflare did not report a custom hostname. */
export type CloudflareFailure = {
  code: 'unreachable' | 'quota' | 'refused' | 'duplicate' | 'gone';
  message: string;
};

/** Findings of a check of a proved domain. `custom_hostname` is null if Cloudflare was not asked or did not report it. */
export type Evidence = Pick<DomainFindings, 'proof' | 'routing'> & {
  custom_hostname: CustomHostname | null;
  failure: CloudflareFailure | null;
};

export type Decision = Omit<CheckedDomain, 'status_since_ms'>;

/** True for a domain that no proof has been accepted for, or not any more. */
export const isUnproven = (status: DomainStatus): boolean =>
  status === 'waiting_for_txt' || status === 'moved' || status === 'failed';

/** True if the evidence lets an unproved domain go on. One that moved has to point here again, or it would move at once. */
export const mayProve = (
  status: DomainStatus,
  { proof, routing }: Pick<DomainFindings, 'proof' | 'routing'>,
) => proof === 'found' && (status !== 'moved' || routing === 'here' || routing === 'unclear');

const blockedStatuses = new Set(['blocked', 'pending_blocked', 'test_blocked']);
const activeStatuses = new Set([
  'active',
  'active_redeploying',
  'provisioned',
  'test_active',
  'test_active_apex',
]);
const isActive = ({ status }: CustomHostname) => activeStatuses.has(status);

type Missing = Extract<DomainProblem, 'proof_gone' | 'points_elsewhere'>;

/** Returns what is definitely missing. An active domain has to point here; one on its way need not yet. */
function missingPart(status: DomainStatus, { proof, routing }: Evidence): Missing | null {
  if (proof === 'missing') return 'proof_gone';
  return status === 'active' && (routing === 'elsewhere' || routing === 'nowhere')
    ? 'points_elsewhere'
    : null;
}

function missingSince(before: CheckedDomain, missing: Missing | null, evidence: Evidence, now_ms: number) {
  if (missing !== null) return before.missing_since_ms ?? now_ms;
  return evidence.proof === 'unknown' || evidence.routing === 'unknown' ? before.missing_since_ms : null;
}

/** Returns the end that Cloudflare's report puts to a domain, or null. */
function endByCloudflare(
  status: DomainStatus,
  { custom_hostname, failure }: Evidence,
): Pick<Decision, 'status' | 'problem'> | null {
  if (failure?.code === 'refused') return { status: 'failed', problem: 'refused' };
  if (failure?.code === 'gone')
    return status === 'active' ? { status: 'moved', problem: 'registration_gone' } : null;
  if (custom_hostname === null) return null;
  if (blockedStatuses.has(custom_hostname.status)) return { status: 'failed', problem: 'blocked' };
  return custom_hostname.status === 'moved' ? { status: 'moved', problem: 'points_elsewhere' } : null;
}

const served = ({ routing, custom_hostname }: Evidence): boolean =>
  custom_hostname !== null &&
  isActive(custom_hostname) &&
  custom_hostname.certificate_status === 'active' &&
  (routing === 'here' || routing === 'unclear');

function problemOnTheWay({ failure, custom_hostname }: Evidence): DomainProblem | null {
  if (failure?.code === 'quota') return 'quota';
  if (failure?.code === 'unreachable' || failure?.code === 'duplicate') return 'unreachable';
  return custom_hostname?.certificate_status.endsWith('_timed_out') ? 'certificate_timed_out' : null;
}

/** Decides how a proved domain stands after a check. */
export function decideProven(before: CheckedDomain, evidence: Evidence, now_ms: number): Decision {
  const missing = missingPart(before.status, evidence);
  const missing_since_ms = missingSince(before, missing, evidence, now_ms);
  const end = endByCloudflare(before.status, evidence);
  if (end !== null) return { ...end, missing_since_ms: null };
  if (missing !== null && missing_since_ms !== null && now_ms - missing_since_ms >= MISSING_MAX_MS)
    return { status: 'moved', problem: missing, missing_since_ms: null };
  const problem = problemOnTheWay(evidence);
  if (before.status === 'active') return { status: 'active', problem, missing_since_ms };
  if (missing === null && served(evidence)) return { status: 'active', problem: null, missing_since_ms };
  return now_ms - before.status_since_ms >= ISSUING_MAX_MS
    ? { status: 'failed', problem: 'never_issued', missing_since_ms: null }
    : { status: 'issuing', problem, missing_since_ms };
}

/** Decides how a domain stands whose ownership this check could not prove. */
export function decideUnproven(before: CheckedDomain, isTaken: boolean, now_ms: number): Decision {
  const { status, status_since_ms, problem } = before;
  if (isTaken) return { status, problem: 'taken', missing_since_ms: null };
  if (status !== 'waiting_for_txt') return { status, problem, missing_since_ms: null };
  return now_ms - status_since_ms >= UNPROVEN_MAX_MS
    ? { status: 'failed', problem: 'never_proven', missing_since_ms: null }
    : { status, problem: null, missing_since_ms: null };
}

/** The wait of a domain that waits for somebody, by how long it does. */
function waitByAge(age_ms: number): number {
  if (age_ms < DAY_MS) return EVERY_RUN_MS;
  return age_ms < 7 * DAY_MS ? 6 * HOUR_MS : DAY_MS;
}

type Scheduled = Pick<CheckedDomain, 'status' | 'missing_since_ms' | 'status_since_ms'> & {
  /** A check could not ask everybody it had to. */
  is_incomplete: boolean;
  /** A custom hostname at Cloudflare is to be removed. */
  has_leftover: boolean;
};

/** Returns the time of the next check, or null for none before somebody asks. */
export function nextCheckMs(
  { status, status_since_ms, missing_since_ms, is_incomplete, has_leftover }: Scheduled,
  now_ms: number,
): number | null {
  const age_ms = now_ms - status_since_ms;
  if (has_leftover || status === 'deleting') return now_ms + EVERY_RUN_MS;
  if (status === 'failed') return null;
  if (status === 'moved') return age_ms < MOVED_WATCH_MS ? now_ms + DAY_MS : null;
  if (status !== 'active') return now_ms + waitByAge(age_ms);
  return now_ms + (missing_since_ms !== null || is_incomplete ? EVERY_RUN_MS : ACTIVE_CHECK_MS);
}
