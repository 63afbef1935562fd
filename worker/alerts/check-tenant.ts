import { v7 as uuidv7 } from 'uuid';
import { eventOfAlert } from '../../contracts/webhooks/event.ts';
import { readAlertFigures } from '../db/alerts/figures.ts';
import type { Candidate } from '../db/alerts/news.ts';
import { saveNews } from '../db/alerts/tell.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { wakeEndpoints } from '../webhooks/wake.ts';
import { type AnnounceDependencies, announce } from './announce.ts';
import { changesOf, type Finding, failingProviders, unusualSpend } from './decide.ts';

export type CheckDependencies = AnnounceDependencies & Pick<Dependencies, 'database'>;

const candidateOf = ({ kind, subject, data }: Finding): Candidate => ({
  ...{ id: uuidv7(), type: eventOfAlert[kind], at_ms: Date.now(), data, seq: null, execution_id: null },
  cause: { kind, subject, threshold: 0 },
});

/**
 * Opens and ends the alerts of a tenant that are judged by figures: failing providers and unusual spend. Wakes endpoints with overdue
 * deliveries. One round trip, and one more if something has changed. Runs every hour.
 */
export async function checkTenantAlerts(deps: CheckDependencies, tenant_id: string): Promise<void> {
  const { rules, providers, open, overdue, ...spending } = await readAlertFigures(deps.database, tenant_id);
  const findings = [...failingProviders(rules, providers), ...unusualSpend(rules, tenant_id, spending)];
  const { opened, ended } = changesOf(findings, open);
  await wakeEndpoints(deps.webhooksQueue, tenant_id, overdue);
  if (opened.length + ended.length === 0) return;
  await announce(
    deps,
    await saveNews(deps.database, tenant_id, {
      candidates: opened.map(candidateOf),
      ended: ended.map((alert) => ({ ...alert, seq: null })),
    }),
  );
}
