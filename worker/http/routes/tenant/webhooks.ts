import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { listOf, pageOf } from '../../../../contracts/api/paging.ts';
import {
  createWebhookRequest,
  webhookDelivery,
  webhookDeliveryParams,
  webhookEndpoint,
  webhookEndpointWithSecret,
  webhookPatch,
} from '../../../../contracts/api/tenant/webhooks.ts';
import { resourceId } from '../../../../contracts/resource-id.ts';
import type { Administrator } from '../../../db/context.ts';
import { listWebhookDeliveries } from '../../../db/webhooks/deliveries.ts';
import { deleteWebhookEndpoint, listWebhookEndpoints } from '../../../db/webhooks/endpoints.ts';
import { addWebhook, changeWebhook, replayEvent, rotateWebhook } from '../../../webhooks/manage-endpoints.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import {
  idParam,
  json,
  jsonBody,
  ofBody,
  problems,
  sessionOrManagementKey,
} from '../../openapi/responses.ts';

const tags = ['Webhooks'];
const security = sessionOrManagementKey('webhooks:manage');
const idOf = idParam('The id of the endpoint.');
const eventOf = idOf.extend({ event_id: resourceId.describe('The id of the event.') });

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listWebhooks',
  tags,
  summary: 'List the webhook endpoints.',
  description: 'Returns the endpoints of the tenant, in the order in which they were created. Admins only.',
  security,
  responses: { 200: json(listOf(webhookEndpoint), 'All endpoints, without secrets.'), ...problems() },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createWebhook',
  'x-confirm': true,
  tags,
  summary: 'Create a webhook endpoint.',
  description:
    'Events of these types are posted to the URL, signed as Standard Webhooks says. The secret is returned only in this response. A tenant has at most 10 endpoints. Admins only.',
  security,
  request: jsonBody(createWebhookRequest, {
    url: 'https://hooks.example.com/events',
    event_types: ['execution.completed', 'execution.failed'],
  }),
  responses: {
    201: json(webhookEndpointWithSecret, 'The endpoint and its secret.'),
    ...problems(...ofBody, 'confirmation_required', 'too_many_webhooks'),
  },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateWebhook',
  'x-confirm': true,
  tags,
  summary: 'Update a webhook endpoint.',
  description:
    'Fields you leave out keep their value. An endpoint that you enable gets the deliveries that wait for it. Admins only.',
  security,
  request: { params: idOf, ...jsonBody(webhookPatch, { enabled: false }) },
  responses: {
    200: json(webhookEndpoint, 'The endpoint after the change.'),
    ...problems(...ofBody, 'confirmation_required', 'not_found'),
  },
});

const rotate = createRoute({
  method: 'post',
  path: '/{id}/rotate',
  operationId: 'rotateWebhook',
  'x-confirm': true,
  tags,
  summary: 'Rotate the secret of a webhook endpoint.',
  description:
    'Returns a new secret, once. For 24 hours events are signed with both, so that your servers can change over. Admins only.',
  security,
  request: { params: idOf },
  responses: {
    200: json(webhookEndpointWithSecret, 'The endpoint and its new secret.'),
    ...problems('confirmation_required', 'not_found'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteWebhook',
  tags,
  summary: 'Delete a webhook endpoint.',
  description: 'Deletes the endpoint and its delivery log. It cannot be undone. Admins only.',
  security,
  request: { params: idOf },
  responses: { 204: { description: 'Deleted.' }, ...problems('not_found') },
});

const deliveries = createRoute({
  method: 'get',
  path: '/{id}/deliveries',
  operationId: 'listWebhookDeliveries',
  tags,
  summary: 'List the deliveries to a webhook endpoint.',
  description: 'Returns the events of the last 30 days and how their delivery went. Admins only.',
  security,
  request: { params: idOf, query: webhookDeliveryParams },
  responses: {
    200: json(pageOf(webhookDelivery), 'A page of deliveries, newest event first.'),
    ...problems('invalid_cursor', 'not_found'),
  },
});

const replay = createRoute({
  method: 'post',
  path: '/{id}/deliveries/{event_id}/replay',
  operationId: 'replayWebhookDelivery',
  tags,
  summary: 'Deliver an event again.',
  description:
    'Posts the event again, with the same `webhook-id`, and tries as often as the first time. Admins only.',
  security,
  request: { params: eventOf },
  responses: {
    202: json(webhookDelivery, 'The delivery, which is pending.'),
    ...problems('not_found', 'webhook_disabled'),
  },
});

const administratorOf = (c: Context<SessionEnv>): Administrator => c.var.manager ?? c.var.claims;

/** Answers a URL that is not allowed. */
const refuseUrl = (c: Context<SessionEnv>, rule: string) =>
  problem(c, 'invalid_request', { message: `url: ${rule}`, details: { field: 'url', rule } });

/** The webhook endpoints of the tenant, for its admins and management keys. The database checks the right. */
export const webhookRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const found = await listWebhookEndpoints(dependenciesOf(c).database, administratorOf(c));
    return found.ok ? c.json({ items: found.value }, 200) : problem(c, found.failure.code);
  })
  .openapi(create, async (c) => {
    const created = await addWebhook(dependenciesOf(c), administratorOf(c), c.req.valid('json'));
    if (created.ok) return c.json(created.value, 201);
    const { failure } = created;
    return failure.code === 'url_refused' ? refuseUrl(c, failure.rule) : problem(c, failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const changed = await changeWebhook(dependenciesOf(c), administratorOf(c), id, c.req.valid('json'));
    if (changed.ok) return c.json(changed.value, 200);
    const { failure } = changed;
    return failure.code === 'url_refused' ? refuseUrl(c, failure.rule) : problem(c, failure.code);
  })
  .openapi(rotate, async (c) => {
    const rotated = await rotateWebhook(dependenciesOf(c), administratorOf(c), c.req.valid('param').id);
    return rotated.ok ? c.json(rotated.value, 200) : problem(c, rotated.failure.code);
  })
  .openapi(remove, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const removed = await deleteWebhookEndpoint(database, administratorOf(c), id, requestId);
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  })
  .openapi(deliveries, async (c) => {
    const { id } = c.req.valid('param');
    const { database } = dependenciesOf(c);
    const page = await listWebhookDeliveries(database, administratorOf(c), id, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : problem(c, page.failure.code);
  })
  .openapi(replay, async (c) => {
    const { id, event_id } = c.req.valid('param');
    const replayed = await replayEvent(dependenciesOf(c), administratorOf(c), id, event_id);
    return replayed.ok ? c.json(replayed.value, 202) : problem(c, replayed.failure.code);
  });
