import { describe, expect, it } from 'vitest';
import {
  COOLDOWN_MS_MAX,
  FAILURES_TO_OPEN,
  FIRST_COOLDOWN_MS,
  isCoolingDown,
} from '../../../worker/providers/failover/breaker.ts';
import { SharedBreakers, TENANTS_TO_OPEN } from '../../../worker/providers/failover/breakers.ts';
import type { ProviderFailure } from '../../../worker/providers/provider.ts';

const T = 1_000_000;
const KEY = 'platform/openai/1';

const failure = (kind: ProviderFailure['kind'], retry_after_ms: number | null = null): ProviderFailure => ({
  ...{ kind, retryable: true, retry_after_ms, status: null, message: '' },
});

/** Breakers at one credential: failures and answers of attempts that began just then, and the tenants that leave it alone. */
function world() {
  const breakers = new SharedBreakers();
  return {
    breakers,
    fails: (tenant: string, at: number, kind: ProviderFailure['kind'] = 'timeout', wait?: number) =>
      breakers.forTenant(tenant).failed(KEY, failure(kind, wait ?? null), at, at),
    answers: (tenant: string, at: number) => breakers.forTenant(tenant).answered(KEY, at),
    isLeft: (tenant: string, at: number) => isCoolingDown(breakers.forTenant(tenant).of(KEY, at), at),
  };
}

const several = Array.from({ length: TENANTS_TO_OPEN }, (_, index) => `tenant-${index}`);

describe('a credential that many tenants share', () => {
  it.each(['timeout', 'overloaded', 'network', 'invalid_response', 'truncated', 'rate_limited'] as const)(
    'is left alone by the tenant whose calls fail (%s), and by no other, however often they fail',
    (kind) => {
      const { fails, isLeft } = world();
      for (let i = 0; i < 100; i += 1) fails('attacker', T + i, kind);
      expect(isLeft('attacker', T + 100)).toBe(true);
      expect(isLeft('other', T + 100)).toBe(false);
    },
  );

  it('that asks one tenant to wait is left alone by that tenant', () => {
    const { fails, isLeft } = world();
    fails('one', T, 'rate_limited', 20_000);
    expect(isLeft('one', T + 19_999)).toBe(true);
    expect(isLeft('other', T + 1)).toBe(false);
  });

  it('is left alone by everybody at once if it was refused', () => {
    const { fails, isLeft } = world();
    fails('one', T, 'authentication');
    expect(isLeft('other', T + COOLDOWN_MS_MAX - 1)).toBe(true);
    expect(isLeft('other', T + COOLDOWN_MS_MAX)).toBe(false);
  });

  it('is left alone by everybody for a moment when several tenants fail', () => {
    const { fails, isLeft } = world();
    for (const tenant of several.slice(1)) fails(tenant, T);
    expect(isLeft('other', T + 1)).toBe(false);
    fails(several[0] ?? '', T);
    expect(isLeft('other', T + 1)).toBe(true);
    expect(isLeft('other', T + FIRST_COOLDOWN_MS)).toBe(false);
  });

  it('is left alone for as long as enough tenants are told to wait', () => {
    const { fails, isLeft } = world();
    for (const [index, tenant] of several.entries()) fails(tenant, T, 'rate_limited', 10_000 + index);
    expect(isLeft('other', T + 9_999)).toBe(true);
    expect(isLeft('other', T + 10_000)).toBe(false);
  });

  it('is asked by others again as soon as it has answered anybody, whoever failed before', () => {
    const { fails, answers, isLeft } = world();
    for (const tenant of several) for (let i = 0; i < FAILURES_TO_OPEN; i += 1) fails(tenant, T + i);
    expect(isLeft('other', T + 3)).toBe(true);
    answers('fourth', T + 3);
    expect(isLeft('other', T + 4)).toBe(false);
    // Those who met the failures still keep away.
    expect(isLeft(several[0] ?? '', T + 4)).toBe(true);
  });

  it('is not asked again because of an answer from before the failures', () => {
    const { fails, answers, isLeft } = world();
    for (const tenant of several) fails(tenant, T);
    answers('fourth', T - 1);
    expect(isLeft('other', T + 1)).toBe(true);
  });

  it('that refused a request answers', () => {
    const { fails, isLeft } = world();
    fails('one', T, 'authentication');
    const later = T + COOLDOWN_MS_MAX;
    fails('other', later, 'invalid_request');
    expect(isLeft('one', later)).toBe(false);
  });

  it('gets another probe after one that says nothing about it', () => {
    const { breakers, fails, isLeft } = world();
    fails('one', T, 'authentication');
    const later = T + COOLDOWN_MS_MAX;
    breakers.forTenant('attacker').attempted(KEY, later, 600_000);
    expect(isLeft('other', later + 1)).toBe(true);
    breakers.forTenant('attacker').failed(KEY, failure('timeout'), later, later + 10);
    expect(isLeft('other', later + 10)).toBe(false);
  });
});
