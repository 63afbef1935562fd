import { describe, expect, it } from 'vitest';
import type { CustomHostname, DomainStatus } from '../../../contracts/tenants/domain-findings.ts';
import {
  type CheckedDomain,
  decideProven,
  decideUnproven,
  type Evidence,
  mayProve,
  nextCheckMs,
} from '../../../worker/domains/decide.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const domain = (status: DomainStatus, more: Partial<CheckedDomain> = {}): CheckedDomain => ({
  ...{ status, status_since_ms: NOW - HOUR, missing_since_ms: null, problem: null },
  ...more,
});
const custom = (status: string, certificate_status: string): CustomHostname => ({
  ...{ id: 'an-id', status, certificate_status, errors: [], certificate_errors: [] },
  ...{ ownership_record: null, certificate_records: [] },
});
const good: Evidence = {
  ...{ proof: 'found', routing: 'here', custom_hostname: custom('active', 'active'), failure: null },
};
const decide = (before: CheckedDomain, evidence: Partial<Evidence>) =>
  decideProven(before, { ...good, ...evidence }, NOW);
const failure = (code: 'unreachable' | 'quota' | 'refused' | 'duplicate' | 'gone') => ({
  ...{ custom_hostname: null, failure: { code, message: 'because' } },
});

describe('a domain on its way', () => {
  it('is active once ownership, certificate and routing are in order', () => {
    expect(decide(domain('issuing'), {})).toEqual({
      status: 'active',
      problem: null,
      missing_since_ms: null,
    });
    expect(decide(domain('issuing'), { routing: 'unclear' }).status).toBe('active');
  });

  it.each<[string, Partial<Evidence>, string | null]>([
    ['the hostname is pending', { custom_hostname: custom('pending', 'active') }, null],
    ['the certificate is pending', { custom_hostname: custom('active', 'pending_issuance') }, null],
    ['it points nowhere yet', { routing: 'nowhere' }, null],
    ['it still points elsewhere', { routing: 'elsewhere' }, null],
    ['no server answers', { routing: 'unknown' }, null],
    [
      'the certificate timed out',
      { custom_hostname: custom('pending', 'validation_timed_out') },
      'certificate_timed_out',
    ],
    ['Cloudflare is down', failure('unreachable'), 'unreachable'],
    ['an earlier registration is in the way', failure('duplicate'), 'unreachable'],
    ['the platform has no room', failure('quota'), 'quota'],
    ['its registration is gone', failure('gone'), null],
  ])('waits while %s', (_, evidence, problem) => {
    expect(decide(domain('issuing'), evidence)).toMatchObject({ status: 'issuing', problem });
  });

  it.each<[string, Partial<Evidence>, DomainStatus, string]>([
    ['Cloudflare refuses it', failure('refused'), 'failed', 'refused'],
    ['Cloudflare blocks it', { custom_hostname: custom('blocked', 'active') }, 'failed', 'blocked'],
    ['Cloudflare gives up', { custom_hostname: custom('moved', 'active') }, 'moved', 'points_elsewhere'],
  ])('ends when %s', (_, evidence, status, problem) => {
    expect(decide(domain('issuing'), evidence)).toMatchObject({ status, problem });
  });

  it('does not wait for longer than 14 days, nor without its proof for longer than an hour', () => {
    const late = domain('issuing', { status_since_ms: NOW - 14 * DAY });
    expect(decide(late, { routing: 'nowhere' })).toMatchObject({ status: 'failed', problem: 'never_issued' });
    expect(decide(domain('issuing'), { proof: 'missing' })).toEqual({
      ...{ status: 'issuing', problem: null, missing_since_ms: NOW },
    });
    const missing = domain('issuing', { missing_since_ms: NOW - HOUR });
    expect(decide(missing, { proof: 'missing' })).toMatchObject({ status: 'moved', problem: 'proof_gone' });
  });
});

describe('an active domain', () => {
  const active = domain('active', { status_since_ms: NOW - 100 * DAY });

  it.each<[Partial<Evidence>, string]>([
    [{ proof: 'missing' }, 'proof_gone'],
    [{ routing: 'elsewhere' }, 'points_elsewhere'],
    [{ routing: 'nowhere' }, 'points_elsewhere'],
  ])('with %o is watched for an hour, and then moves: %s', (evidence, problem) => {
    expect(decide(active, evidence)).toEqual({ status: 'active', problem: null, missing_since_ms: NOW });
    const since = (ms: number) => ({ ...active, missing_since_ms: NOW - ms });
    expect(decide(since(HOUR - 1), evidence).status).toBe('active');
    expect(decide(since(HOUR), evidence)).toEqual({ status: 'moved', problem, missing_since_ms: null });
  });

  it('stays when no server answers, and what was missing is not taken for found', () => {
    const missing = { ...active, missing_since_ms: NOW - 5 * HOUR };
    expect(decide(missing, { proof: 'unknown' })).toMatchObject({
      ...{ status: 'active', missing_since_ms: missing.missing_since_ms },
    });
    expect(decide(missing, {})).toMatchObject({ status: 'active', missing_since_ms: null });
    for (const code of ['unreachable', 'quota', 'duplicate'] as const)
      expect(decide(active, failure(code)).status).toBe('active');
    expect(decide(active, { custom_hostname: custom('active', 'pending_deployment') }).status).toBe('active');
    expect(decide(active, { custom_hostname: custom('active_redeploying', 'active') }).status).toBe('active');
  });

  it('moves at once when Cloudflare says so, or does not know it any more', () => {
    expect(decide(active, { custom_hostname: custom('moved', 'active') }).status).toBe('moved');
    expect(decide(active, failure('gone'))).toMatchObject({ status: 'moved', problem: 'registration_gone' });
    expect(decide(active, { custom_hostname: custom('blocked', 'active') }).status).toBe('failed');
  });

  it('that an operator made, without a custom hostname, stays', () => {
    expect(decide(active, { custom_hostname: null }).status).toBe('active');
  });
});

describe('a domain without a proof', () => {
  it('goes on with one; after it moved, only while it points here again', () => {
    const seen = (
      proof: 'found' | 'missing' | 'unknown',
      routing: 'here' | 'unclear' | 'elsewhere' | 'nowhere',
    ) => ({
      ...{ proof, routing },
    });
    expect(mayProve('waiting_for_txt', seen('found', 'nowhere'))).toBe(true);
    expect(mayProve('failed', seen('found', 'elsewhere'))).toBe(true);
    expect(mayProve('moved', seen('found', 'elsewhere'))).toBe(false);
    expect(mayProve('moved', seen('found', 'nowhere'))).toBe(false);
    expect(mayProve('moved', seen('found', 'here'))).toBe(true);
    expect(mayProve('moved', seen('found', 'unclear'))).toBe(true);
    for (const proof of ['missing', 'unknown'] as const)
      expect(mayProve('waiting_for_txt', seen(proof, 'here'))).toBe(false);
  });

  it('waits for 30 days, and is told when another tenant has the hostname', () => {
    const waiting = domain('waiting_for_txt');
    expect(decideUnproven(waiting, false, NOW)).toMatchObject({ status: 'waiting_for_txt', problem: null });
    expect(decideUnproven(waiting, true, NOW)).toMatchObject({ status: 'waiting_for_txt', problem: 'taken' });
    const old = domain('waiting_for_txt', { status_since_ms: NOW - 30 * DAY });
    expect(decideUnproven(old, false, NOW)).toMatchObject({ status: 'failed', problem: 'never_proven' });
    const moved = domain('moved', { problem: 'proof_gone', status_since_ms: NOW - 100 * DAY });
    expect(decideUnproven(moved, false, NOW)).toMatchObject({ status: 'moved', problem: 'proof_gone' });
  });
});

describe('the next check', () => {
  const waitOf = (status: DomainStatus, age: number, more: object = {}) => {
    const scheduled = {
      ...{ status, status_since_ms: NOW - age, missing_since_ms: null },
      ...{ is_incomplete: false, has_leftover: false },
      ...more,
    };
    const next = nextCheckMs(scheduled, NOW);
    return next === null ? null : next - NOW;
  };

  it('of a domain on its way comes every hour at first, and then less often', () => {
    for (const status of ['waiting_for_txt', 'issuing'] as const) {
      expect(waitOf(status, HOUR)).toBeLessThan(HOUR);
      expect(waitOf(status, 2 * DAY)).toBe(6 * HOUR);
      expect(waitOf(status, 8 * DAY)).toBe(DAY);
    }
  });

  it('of an active domain comes every week, or within the hour when something was missing or did not answer', () => {
    expect(waitOf('active', 100 * DAY)).toBe(7 * DAY);
    expect(waitOf('active', DAY, { missing_since_ms: NOW })).toBeLessThan(HOUR);
    expect(waitOf('active', DAY, { is_incomplete: true })).toBeLessThan(HOUR);
  });

  it('of a domain that moved comes daily for a week; a failed one waits for somebody; a removal is tried every hour', () => {
    expect(waitOf('moved', DAY)).toBe(DAY);
    expect(waitOf('moved', 7 * DAY)).toBeNull();
    expect(waitOf('failed', 0)).toBeNull();
    expect(waitOf('failed', 0, { has_leftover: true })).toBeLessThan(HOUR);
    expect(waitOf('deleting', 100 * DAY)).toBeLessThan(HOUR);
  });
});
