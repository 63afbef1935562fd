import type { AlertRules } from '../../contracts/api/tenant/alerts.ts';
import type { AlertKind, EventData } from '../../contracts/webhooks/event.ts';

/** Decides by figures which alerts a tenant has. Pure. */

/** A cause that lasts at this moment, and what there is to say about it. */
export type Finding = { kind: AlertKind; subject: string; data: EventData };

/** Calls of a provider in this hour and the hour before. */
export type ProviderCalls = {
  provider_id: string;
  provider_name: string;
  calls: number;
  failures: number;
  last_failure: string | null;
};

/** Returns the providers that fail. */
export const failingProviders = (
  { provider_failing, provider_failing_percent, provider_failing_min_calls }: AlertRules,
  providers: ProviderCalls[],
): Finding[] =>
  provider_failing
    ? providers
        .filter(
          ({ calls, failures }) =>
            calls >= provider_failing_min_calls && failures * 100 >= calls * provider_failing_percent,
        )
        .map(({ provider_id: subject, ...data }) => ({
          kind: 'provider_failing',
          subject,
          data: { provider_id: subject, ...data },
        }))
    : [];

/** Days that are compared with, and the least of them on which something was spent: less is no habit. */
export const COMPARED_DAYS = 28;
const SPENDING_DAYS_MIN = 7;
const DEVIATIONS = 3;

/** Returns the amount above which a day is unusual: the mean and three standard deviations of the days before. Null without a habit. */
export function unusualAbove(before_micro_usd: number[]): { mean: number; limit: number } | null {
  const days = Array.from({ length: COMPARED_DAYS }, (_, index) => before_micro_usd[index] ?? 0);
  if (days.filter((spent) => spent > 0).length < SPENDING_DAYS_MIN) return null;
  const mean = days.reduce((sum, spent) => sum + spent, 0) / days.length;
  const variance = days.reduce((sum, spent) => sum + (spent - mean) ** 2, 0) / days.length;
  return { mean: Math.round(mean), limit: Math.round(mean + DEVIATIONS * Math.sqrt(variance)) };
}

/** The spend of a tenant today, and on the days before, whose order does not matter. A day without anything may be missing. */
export type Spending = { day: string; today_micro_usd: number; before_micro_usd: number[] };

/** Returns the finding that a tenant spends far more than usual today. */
export function unusualSpend(
  { unusual_spend, unusual_spend_floor_micro_usd }: AlertRules,
  tenant_id: string,
  { day, today_micro_usd, before_micro_usd }: Spending,
): Finding[] {
  const usual = unusualAbove(before_micro_usd);
  if (!unusual_spend || usual === null) return [];
  if (today_micro_usd < unusual_spend_floor_micro_usd || today_micro_usd <= usual.limit) return [];
  const figures = {
    spent_micro_usd: today_micro_usd,
    mean_micro_usd: usual.mean,
    limit_micro_usd: usual.limit,
  };
  return [{ kind: 'unusual_spend', subject: tenant_id, data: { day, ...figures } }];
}

export type OpenAlert = Pick<Finding, 'kind' | 'subject'>;

/** Returns the findings without an open alert, and the open alerts without a finding. */
export function changesOf(findings: Finding[], open: OpenAlert[]): { opened: Finding[]; ended: OpenAlert[] } {
  const isSame = (one: OpenAlert) => (other: OpenAlert) =>
    one.kind === other.kind && one.subject === other.subject;
  return {
    opened: findings.filter((finding) => !open.some(isSame(finding))),
    ended: open.filter((alert) => !findings.some(isSame(alert))),
  };
}
