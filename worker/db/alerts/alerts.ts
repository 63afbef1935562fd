import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import type { Alert, AlertSettings, alertPage } from '../../../contracts/api/tenant/alerts.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { type AlertKind, alertKinds } from '../../../contracts/webhooks/event.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { alertDismissals, alertSettings, alerts } from '../schema/alerts.ts';
import { isoTime } from '../users/user-rows.ts';

/** The alerts of a caller. Row security decides which ones they see. */

type AlertRow = Omit<Alert, 'opened_at' | 'ended_at'> & { opened_at: string; ended_at: string | null };

const isDismissed = sql`exists (select from ${alertDismissals} s
  where s.tenant_id = a.tenant_id and s.alert_id = a.id and s.user_id = app.user_id())`;

const present = ({ opened_at, ended_at, ...row }: AlertRow): Alert => ({
  ...row,
  opened_at: isoTime(opened_at),
  ended_at: ended_at === null ? null : isoTime(ended_at),
});

/** Lists the alerts that the caller sees, newest first, with the number of unread ones. */
export async function listAlerts(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Promise<Result<z.infer<typeof alertPage>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const isAfter = start.value === null ? sql`true` : sql`a.id < ${start.value}::uuid`;
  const answer = await runAsUser(database, claims, [
    database.execute<AlertRow>(sql`select a.id, a.kind, a.data, a.opened_at::text, a.ended_at::text, ${isDismissed} as dismissed
      from ${alerts} a where a.tenant_id = app.tenant_id() and ${isAfter} order by a.id desc limit ${page.limit + 1}`),
    database.execute<{ unread: number }>(sql`select count(*)::float8 as unread from ${alerts} a
      where a.tenant_id = app.tenant_id() and a.ended_at is null and not ${isDismissed}`),
  ]);
  if (!answer.ok) return answer;
  const [{ rows }, counts] = answer.value;
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ id }) => id);
  return ok({ items: items.map(present), next_cursor, unread: counts.rows[0]?.unread ?? 0 });
}

/** Dismisses an alert for the caller. */
export async function dismissAlert(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' }>> {
  const isThis = sql`a.tenant_id = app.tenant_id() and a.id = ${id}::uuid`;
  const answer = await runAsUser(database, claims, [
    database.execute(sql`insert into alert_dismissals (tenant_id, alert_id, user_id)
      select a.tenant_id, a.id, app.user_id() from ${alerts} a
      where ${isThis} and app.acting_session_id() is null on conflict do nothing`),
    database.execute(sql`select a.id from ${alerts} a where ${isThis}`),
  ]);
  if (!answer.ok) return answer;
  return answer.value[1].rows.length > 0 ? ok(null) : fail({ code: 'not_found' });
}

const selectMailOff = (database: Database) =>
  database.execute<{ mail_off: AlertKind[] }>(sql`select mail_off from ${alertSettings}
    where tenant_id = app.tenant_id() and user_id = app.user_id()`);

const settingsOf = ({ rows }: { rows: { mail_off: AlertKind[] }[] }): AlertSettings => ({
  mail: alertKinds.filter((kind) => !(rows[0]?.mail_off ?? []).includes(kind)),
});

/** Returns what is mailed to the caller. */
export async function getAlertSettings(
  database: Database,
  claims: SessionClaims,
): Promise<Result<AlertSettings, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [selectMailOff(database)]);
  return answer.ok ? ok(settingsOf(answer.value[0])) : answer;
}

/** Sets what is mailed to the caller. */
export async function saveAlertSettings(
  database: Database,
  claims: SessionClaims,
  mail: AlertKind[],
): Promise<Result<AlertSettings, { code: EnterRefusal }>> {
  const off = JSON.stringify(alertKinds.filter((kind) => !mail.includes(kind)));
  const answer = await runAsUser(database, claims, [
    database.execute(sql`insert into alert_settings (tenant_id, user_id, mail_off)
      select app.tenant_id(), app.user_id(), array(select jsonb_array_elements_text(${off}::jsonb))
      where app.acting_session_id() is null
      on conflict (tenant_id, user_id) do update set mail_off = excluded.mail_off`),
    selectMailOff(database),
  ]);
  return answer.ok ? ok(settingsOf(answer.value[1])) : answer;
}
