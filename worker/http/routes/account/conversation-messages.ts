import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  answerContent,
  CONVERSATION_BYTES_MAX,
  CONVERSATION_MESSAGES_MAX,
  conversationMessage,
  newMessage,
} from '../../../../contracts/api/conversations.ts';
import { resourceId } from '../../../../contracts/resource-id.ts';
import { addMessage, completeAnswer } from '../../../conversations/messages.ts';
import type { RequestContext, SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

const tags = ['Conversations'];
const idOf = idParam('The id of the conversation.');

const add = createRoute({
  method: 'post',
  path: '/{id}/messages',
  operationId: 'addConversationMessage',
  'x-feature': 'playground_models',
  tags,
  summary: 'Add a message to a conversation.',
  description:
    'Keeps a prompt or an answer, and shows its branch. A message with the parent of another one begins a branch.',
  security: session,
  request: {
    params: idOf,
    ...jsonBody(newMessage, { parent_id: null, role: 'user', content: 'What is an edge?' }),
  },
  responses: {
    201: json(conversationMessage, 'The message.'),
    ...problems(...ofBody, 'conversations_off', 'not_found', 'conversation_full', 'conversations_full'),
  },
});

const complete = createRoute({
  method: 'patch',
  path: '/{id}/messages/{message_id}',
  operationId: 'updateConversationMessage',
  tags,
  summary: 'Replace an answer of a conversation.',
  description: 'For an answer that was kept while it ran in the background. Prompts cannot be replaced.',
  security: session,
  request: {
    params: idOf.extend({ message_id: resourceId.describe('The id of the answer.') }),
    ...jsonBody(answerContent),
  },
  responses: {
    200: json(conversationMessage, 'The message after the change.'),
    ...problems(...ofBody, 'conversations_off', 'not_found', 'conversation_full', 'conversations_full'),
  },
});

const conversationFull = (c: RequestContext, rule: 'messages_max' | 'bytes_max') =>
  problem(c, 'conversation_full', {
    details: {
      rule,
      [rule]: rule === 'messages_max' ? CONVERSATION_MESSAGES_MAX : CONVERSATION_BYTES_MAX,
    },
  });

const parentUnknown = (c: RequestContext) =>
  refuseField(c, {
    field: 'parent_id',
    rule: 'unknown',
    message: 'The conversation has no message with this id',
  });

/** Messages of the caller's conversations. */
export const conversationMessageRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(add, async (c) => {
    if (!c.var.tenant.keeps_conversations) return problem(c, 'conversations_off');
    const { id } = c.req.valid('param');
    const added = await addMessage(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (added.ok) return c.json(added.value, 201);
    const { code } = added.failure;
    if (code === 'parent_not_found') return parentUnknown(c);
    if (code === 'too_many_messages') return conversationFull(c, 'messages_max');
    return code === 'conversation_full' ? conversationFull(c, 'bytes_max') : problem(c, code);
  })
  .openapi(complete, async (c) => {
    if (!c.var.tenant.keeps_conversations) return problem(c, 'conversations_off');
    const { id, message_id } = c.req.valid('param');
    const answer = c.req.valid('json');
    const replaced = await completeAnswer(dependenciesOf(c), c.var.claims, id, message_id, answer);
    if (replaced.ok) return c.json(replaced.value, 200);
    const { code } = replaced.failure;
    if (code === 'parent_not_found' || code === 'too_many_messages') return problem(c, 'not_found');
    return code === 'conversation_full' ? conversationFull(c, 'bytes_max') : problem(c, code);
  });
