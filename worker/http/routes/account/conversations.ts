import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  conversation,
  conversationListParams,
  conversationPatch,
  createConversationRequest,
  wholeConversation,
} from '../../../../contracts/api/conversations.ts';
import { pageOf } from '../../../../contracts/api/paging.ts';
import {
  changeConversation,
  createConversation,
  getConversation,
  listConversations,
} from '../../../conversations/conversations.ts';
import { deleteConversation, deleteConversations } from '../../../db/conversations/conversations.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

const tags = ['Conversations'];
const idOf = idParam('The id of the conversation.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listConversations',
  tags,
  summary: 'List your conversations.',
  description:
    'Returns the conversations of the playground, the last used first, without their messages. Nobody else can read them, administrators included.',
  security: session,
  request: { query: conversationListParams },
  responses: { 200: json(pageOf(conversation), 'A page of conversations.'), ...problems('invalid_cursor') },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createConversation',
  'x-feature': 'playground_models',
  tags,
  summary: 'Begin a conversation.',
  description:
    'Keeps a conversation and its first message. It runs no model: send prompts to `POST /api/ai/executions`.',
  security: session,
  request: jsonBody(createConversationRequest, {
    message: { parent_id: null, role: 'user', content: 'What is an edge?' },
  }),
  responses: {
    201: json(wholeConversation, 'The conversation.'),
    ...problems(
      ...ofBody,
      'conversations_off',
      'too_many_conversations',
      'conversation_full',
      'conversations_full',
    ),
  },
});

const removeAll = createRoute({
  method: 'delete',
  path: '/',
  operationId: 'deleteConversations',
  tags,
  summary: 'Delete all of your conversations.',
  description: 'They cannot be restored.',
  security: session,
  responses: { 204: { description: 'Deleted.' }, ...problems() },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getConversation',
  tags,
  summary: 'Retrieve a conversation.',
  description: 'Returns the conversation with the messages of all of its branches.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(wholeConversation, 'The conversation.'), ...problems('not_found') },
});

const change = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateConversation',
  tags,
  summary: 'Rename a conversation, or change its settings.',
  description: 'Fields that are left out keep their value.',
  security: session,
  request: { params: idOf, ...jsonBody(conversationPatch) },
  responses: {
    200: json(conversation, 'The conversation after the change.'),
    ...problems(...ofBody, 'conversations_off', 'not_found'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteConversation',
  tags,
  summary: 'Delete a conversation.',
  description: 'It cannot be restored. Its executions and their receipts stay.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Deleted.' }, ...problems('not_found') },
});

/** The caller's conversations. */
export const conversationRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const listed = await listConversations(dependenciesOf(c), c.var.claims, c.req.valid('query'));
    return listed.ok ? c.json(listed.value, 200) : problem(c, listed.failure.code);
  })
  .openapi(create, async (c) => {
    if (!c.var.tenant.keeps_conversations) return problem(c, 'conversations_off');
    const begun = await createConversation(dependenciesOf(c), c.var.claims, c.req.valid('json'));
    return begun.ok ? c.json(begun.value, 201) : problem(c, begun.failure.code);
  })
  .openapi(removeAll, async (c) => {
    const deleted = await deleteConversations(dependenciesOf(c).database, c.var.claims);
    return deleted.ok ? c.body(null, 204) : problem(c, deleted.failure.code);
  })
  .openapi(read, async (c) => {
    const found = await getConversation(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(change, async (c) => {
    if (!c.var.tenant.keeps_conversations) return problem(c, 'conversations_off');
    const { id } = c.req.valid('param');
    const changed = await changeConversation(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (changed.ok) return c.json(changed.value, 200);
    const { code } = changed.failure;
    if (code !== 'message_not_found') return problem(c, code);
    return refuseField(c, {
      field: 'shown_message_id',
      rule: 'unknown',
      message: 'The conversation has no message with this id',
    });
  })
  .openapi(remove, async (c) => {
    const { database } = dependenciesOf(c);
    const deleted = await deleteConversation(database, c.var.claims, c.req.valid('param').id);
    return deleted.ok ? c.body(null, 204) : problem(c, deleted.failure.code);
  });
