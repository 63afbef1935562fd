import { infiniteQueryOptions, mutationOptions, queryOptions } from '@tanstack/react-query';
import type { AlertRulesPatch } from '../../../../../contracts/api/tenant/alerts.ts';
import type { AlertKind } from '../../../../../contracts/webhooks/event.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pageQuery } from '../../../lib/paging.ts';

const key = ['alerts'];
const settingsKey = ['alert-settings'];
const rulesKey = ['alert-rules'];

/** Alerts of the caller, newest first. */
export const alertsQuery = infiniteQueryOptions({
  queryKey: [...key, 'list'],
  queryFn: ({ pageParam }) => ask(api.alerts.$get({ query: pageQuery(pageParam) })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
});

export const dismissAlert = mutationOptions({
  mutationFn: (id: string) => ask(api.alerts[':id'].dismiss.$post({ param: { id } })),
  meta: { invalidates: [key] },
});

/** The alerts that are mailed to the caller. */
export const alertSettingsQuery = queryOptions({
  queryKey: settingsKey,
  queryFn: () => ask(api.alerts.settings.$get()),
});

export const saveAlertSettings = mutationOptions({
  mutationFn: (mail: AlertKind[]) => ask(api.alerts.settings.$put({ json: { mail } })),
  meta: { invalidates: [settingsKey] },
});

/** The rules of the tenant's alerts. */
export const alertRulesQuery = queryOptions({
  queryKey: rulesKey,
  queryFn: () => ask(api.tenant['alert-rules'].$get()),
});

export const changeAlertRules = mutationOptions({
  mutationFn: (patch: AlertRulesPatch) => ask(api.tenant['alert-rules'].$patch({ json: patch })),
  meta: { invalidates: [rulesKey] },
});
