import { z } from 'zod';
import { microUsd } from '../../amounts.ts';
import { resourceId } from '../../resource-id.ts';
import { alertKind, eventData } from '../../webhooks/event.ts';
import { pageOf } from '../paging.ts';

const KINDS_TEXT =
  '`low_balance`: your balance has passed a warning threshold; `budget`: the budget of the tenant has passed a threshold; `provider_failing`: many calls of a provider fail; `difference`: a wallet and its ledger differ; `unusual_spend`: the tenant spends far more than usual.';

/** An alert: once for each cause, until the cause has gone. */
export const alert = z
  .object({
    id: resourceId.describe('The id of the alert.'),
    kind: alertKind.describe(`The kind of alert. ${KINDS_TEXT}`),
    data: eventData.describe('The values of the alert: ids, names and figures.'),
    opened_at: z.iso.datetime().describe('The time the cause was found.'),
    ended_at: z.iso.datetime().nullable().describe('The time the cause had gone. Null while it lasts.'),
    dismissed: z.boolean().describe('True if the caller has dismissed it.'),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof alert>;

/** A page of alerts, and the number of those that the caller has not dismissed. */
export const alertPage = pageOf(alert)
  .extend({
    unread: z.int().describe('The number of alerts that last and are not dismissed, on all pages.'),
  })
  .meta({ id: 'AlertsPage' });

/** The alerts that are mailed to the caller. */
export const alertSettings = z
  .object({
    mail: z.array(alertKind).describe(`The kinds of alerts that are mailed to the caller. ${KINDS_TEXT}`),
  })
  .meta({ id: 'AlertSettings' });
export type AlertSettings = z.infer<typeof alertSettings>;

export const alertSettingsRequest = z
  .strictObject({
    mail: z
      .array(alertKind)
      .refine((kinds) => new Set(kinds).size === kinds.length, 'must name each kind once')
      .describe(`The kinds of alerts to mail. ${KINDS_TEXT}`),
  })
  .meta({ id: 'AlertSettingsRequest' });

/** The rules by which a tenant's alerts are made. */
export const alertRules = z
  .object({
    low_balance: z.boolean().describe('True to alert users who pass a warning threshold of their policy.'),
    budget: z
      .boolean()
      .describe(
        'True to alert when the budget passes its warning thresholds, or less than a cent of it is left.',
      ),
    provider_failing: z.boolean().describe('True to alert when many calls of a provider fail.'),
    provider_failing_percent: z
      .int()
      .min(1)
      .max(100)
      .describe('The share of calls that fail from which a provider is failing, in percent.'),
    provider_failing_min_calls: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe('The least number of calls, in this hour and the hour before, to judge a provider by.'),
    difference: z.boolean().describe('True to alert when a wallet and its ledger differ.'),
    unusual_spend: z
      .boolean()
      .describe(
        'True to alert when the day costs more than the mean of the last 28 days and three standard deviations.',
      ),
    unusual_spend_floor_micro_usd: microUsd.describe(
      'The least cost of a day that is unusual, in micro-USD.',
    ),
  })
  .meta({ id: 'AlertRules' });
export type AlertRules = z.infer<typeof alertRules>;

/** The rules of a tenant that has set none. */
export const DEFAULT_ALERT_RULES: AlertRules = {
  low_balance: true,
  budget: true,
  provider_failing: true,
  provider_failing_percent: 50,
  provider_failing_min_calls: 10,
  difference: true,
  unusual_spend: true,
  unusual_spend_floor_micro_usd: 1_000_000,
};

export const alertRulesPatch = z.strictObject(alertRules.shape).partial().meta({ id: 'AlertRulesPatch' });
export type AlertRulesPatch = z.infer<typeof alertRulesPatch>;
