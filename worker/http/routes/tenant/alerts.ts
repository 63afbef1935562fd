import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { pageParams } from '../../../../contracts/api/paging.ts';
import {
  alertPage,
  alertRules,
  alertRulesPatch,
  alertSettings,
  alertSettingsRequest,
} from '../../../../contracts/api/tenant/alerts.ts';
import { dismissAlert, getAlertSettings, listAlerts, saveAlertSettings } from '../../../db/alerts/alerts.ts';
import { changeAlertRules, getAlertRules } from '../../../db/alerts/rules.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Alerts'];

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listAlerts',
  tags,
  summary: 'List the alerts.',
  description:
    'Returns alerts of the last 90 days that the caller may see: users that their balance is low, admins everything else of their tenant.',
  security: session,
  request: { query: pageParams },
  responses: { 200: json(alertPage, 'A page of alerts, newest first.'), ...problems('invalid_cursor') },
});

const dismiss = createRoute({
  method: 'post',
  path: '/{id}/dismiss',
  operationId: 'dismissAlert',
  tags,
  summary: 'Dismiss an alert.',
  description: 'The alert is no longer unread for the caller. Others still see it. Safe to repeat.',
  security: session,
  request: { params: idParam('The id of the alert.') },
  responses: { 204: { description: 'Dismissed.' }, ...problems('not_found') },
});

const readSettings = createRoute({
  method: 'get',
  path: '/settings',
  operationId: 'getAlertSettings',
  tags,
  summary: 'Retrieve what is mailed to the caller.',
  description: 'Everything is mailed unless the caller turns it off.',
  security: session,
  responses: { 200: json(alertSettings, 'The settings.'), ...problems() },
});

const changeSettings = createRoute({
  method: 'put',
  path: '/settings',
  operationId: 'setAlertSettings',
  tags,
  summary: 'Set what is mailed to the caller.',
  description: 'Replaces the kinds of alerts that are mailed to the caller.',
  security: session,
  request: jsonBody(alertSettingsRequest, { mail: ['budget', 'provider_failing'] }),
  responses: { 200: json(alertSettings, 'The settings after the change.'), ...problems(...ofBody) },
});

/** The alerts of the caller. The database decides which ones the caller sees. */
export const alertRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const page = await listAlerts(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : problem(c, page.failure.code);
  })
  .openapi(dismiss, async (c) => {
    const { id } = c.req.valid('param');
    const dismissed = await dismissAlert(dependenciesOf(c).database, c.var.claims, id);
    return dismissed.ok ? c.body(null, 204) : problem(c, dismissed.failure.code);
  })
  .openapi(readSettings, async (c) => {
    const settings = await getAlertSettings(dependenciesOf(c).database, c.var.claims);
    return settings.ok ? c.json(settings.value, 200) : problem(c, settings.failure.code);
  })
  .openapi(changeSettings, async (c) => {
    const { mail } = c.req.valid('json');
    const settings = await saveAlertSettings(dependenciesOf(c).database, c.var.claims, mail);
    return settings.ok ? c.json(settings.value, 200) : problem(c, settings.failure.code);
  });

const readRules = createRoute({
  method: 'get',
  path: '/',
  operationId: 'getAlertRules',
  tags,
  summary: 'Retrieve the alert rules.',
  description: 'Returns the rules by which alerts of the tenant are made. Admins only.',
  security: session,
  responses: { 200: json(alertRules, 'The rules.'), ...problems() },
});

const updateRules = createRoute({
  method: 'patch',
  path: '/',
  operationId: 'updateAlertRules',
  tags,
  summary: 'Update the alert rules.',
  description:
    'Fields you leave out keep their value. A kind that is off opens no alerts, and its events are not sent. Admins only.',
  security: session,
  request: jsonBody(alertRulesPatch, { unusual_spend_floor_micro_usd: 5_000_000 }),
  responses: { 200: json(alertRules, 'The rules after the change.'), ...problems(...ofBody) },
});

/** The rules of the tenant's alerts, for its admins. */
export const alertRuleRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(readRules, async (c) => {
    const rules = await getAlertRules(dependenciesOf(c).database, c.var.claims);
    return rules.ok ? c.json(rules.value, 200) : problem(c, rules.failure.code);
  })
  .openapi(updateRules, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const rules = await changeAlertRules(database, c.var.claims, c.req.valid('json'), requestId);
    return rules.ok ? c.json(rules.value, 200) : problem(c, rules.failure.code);
  });
