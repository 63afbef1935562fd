import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import {
  CONVERSATION_BYTES_MAX,
  type Conversation,
  type ConversationMessage,
  type WholeConversation,
} from '../../../contracts/api/conversations.ts';
import { asOwner } from '../checked-wallet.ts';
import { ask, somebody } from './asking.ts';

const PROMPT = 'What is the capital of Atlantis?';

const answer = {
  ...{ role: 'assistant' as const, model: 'gpt-5.4-mini', text: 'Nobody knows.', reasoning: '' },
  ...{ state: 'succeeded' as const, execution_id: crypto.randomUUID(), failure: null, receipt: null },
};
const prompt = (content: string, parent_id: string | null = null) => ({
  ...{ id: crypto.randomUUID(), parent_id, role: 'user' as const, content },
});

type Body = WholeConversation &
  ConversationMessage & {
    items: Conversation[];
    next_cursor: string | null;
    error: { code: string; details: unknown };
  };

/** Sends requests as one user. */
function as(token: string) {
  return async (method: string, path: string, body?: unknown) => {
    const got = await ask(`/api/conversations${path}`, {
      method,
      token,
      ...(body === undefined ? {} : { body }),
    });
    const text = await got.text();
    return { status: got.status, body: (text === '' ? null : JSON.parse(text)) as Body };
  };
}

async function begun(content = PROMPT) {
  const { token, ...wallet } = await somebody();
  const send = as(token);
  const { body } = await send('POST', '', { message: prompt(content) });
  return { send, token, wallet, conversation: body };
}

describe('A conversation', () => {
  it('is begun with its first prompt, which gives it its title, and read back with every message', async () => {
    const { send, conversation } = await begun();
    const { id, messages } = conversation;
    expect(conversation).toMatchObject({ title: PROMPT, message_count: 1, settings: { system: '' } });
    const parent_id = messages[0]?.id ?? '';
    const added = await send('POST', `/${id}/messages`, { ...answer, parent_id });
    expect(added).toMatchObject({ status: 201, body: { ...answer, parent_id } });
    const read = await send('GET', `/${id}`);
    expect(read.body.messages).toEqual([messages[0], added.body]);
    expect(read.body.shown_message_id).toBe(added.body.id);
  });

  it('is stored as a ciphertext: no word of it is in the database', async () => {
    const { wallet } = await begun('An unmistakable secret');
    const [rows] = await asOwner(
      sql`select c.title_ciphertext || c.settings_ciphertext || m.content_ciphertext as text from conversations c
        join conversation_messages m on m.conversation_id = c.id where c.user_id = ${wallet.user_id}`,
    );
    expect(JSON.stringify(rows)).toMatch(/v1\.\d+\./);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('is nobody else’s: every request of a colleague or an admin is answered as if it were not there', async () => {
    const { conversation } = await begun();
    const { id, messages } = conversation;
    for (const role of ['user', 'admin']) {
      const send = as((await somebody(role)).token);
      expect((await send('GET', '')).body.items).toEqual([]);
      const asked = [
        await send('GET', `/${id}`),
        await send('PATCH', `/${id}`, { title: 'Mine' }),
        await send('DELETE', `/${id}`),
        await send('POST', `/${id}/messages`, prompt('Mine')),
        await send('PATCH', `/${id}/messages/${messages[0]?.id}`, answer),
      ];
      expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
      expect((await send('DELETE', '')).status).toBe(204);
    }
  });

  it('is begun once, and a message added once, however often the request is sent', async () => {
    const { send, conversation } = await begun();
    const request = { id: conversation.id, message: prompt('Again') };
    expect((await send('POST', '', request)).body.messages).toEqual(conversation.messages);
    const message = prompt('Twice', conversation.messages[0]?.id);
    const [first, second] = [
      await send('POST', `/${conversation.id}/messages`, message),
      await send('POST', `/${conversation.id}/messages`, message),
    ];
    expect(second).toEqual(first);
    expect((await send('GET', `/${conversation.id}`)).body).toMatchObject({ message_count: 2 });
  });

  it('is renamed, keeps its settings, and remembers the branch that is shown', async () => {
    const { send, conversation } = await begun();
    const { id, messages } = conversation;
    const other = await send('POST', `/${id}/messages`, prompt('Another beginning'));
    const settings = {
      model: 'gpt-5.4-mini',
      system: 'Be brief',
      temperature: 0.5,
      top_p: null,
      max_output_tokens: 9,
    };
    const shown_message_id = messages[0]?.id;
    expect((await send('GET', `/${id}`)).body.shown_message_id).toBe(other.body.id);
    expect((await send('PATCH', `/${id}`, { title: ' Renamed ', settings, shown_message_id })).status).toBe(
      200,
    );
    expect((await send('GET', `/${id}`)).body).toMatchObject({
      title: 'Renamed',
      settings,
      shown_message_id,
    });
  });

  it('has its answer replaced when that has ended, and none of its prompts', async () => {
    const { send, conversation } = await begun();
    const { id, messages } = conversation;
    const running = { ...answer, text: '', state: 'running' as const, parent_id: messages[0]?.id };
    const { body } = await send('POST', `/${id}/messages`, running);
    expect((await send('PATCH', `/${id}/messages/${body.id}`, answer)).body).toMatchObject(answer);
    const { bytes } = (await send('GET', `/${id}`)).body;
    expect(bytes).toBe(conversation.bytes + JSON.stringify(answer).length);
    expect((await send('PATCH', `/${id}/messages/${messages[0]?.id}`, answer)).status).not.toBe(200);
    expect((await send('GET', `/${id}`)).body.messages[0]).toEqual(messages[0]);
  });

  it('is deleted with its messages, alone or with all others', async () => {
    const { send, conversation, wallet } = await begun();
    await send('POST', '', { title: 'Another' });
    expect((await send('DELETE', `/${conversation.id}`)).status).toBe(204);
    expect((await send('GET', `/${conversation.id}`)).status).toBe(404);
    expect((await send('GET', '')).body.items).toHaveLength(1);
    expect((await send('DELETE', '')).status).toBe(204);
    expect((await send('GET', '')).body.items).toEqual([]);
    const [left] = await asOwner(
      sql`select count(*)::int as left from conversation_messages where user_id = ${wallet.user_id}`,
    );
    expect(left).toEqual([{ left: 0 }]);
  });
});

describe('The list of conversations', () => {
  it('has the last used first, page by page, and finds titles by a part of them in any case', async () => {
    const send = as((await somebody()).token);
    for (const title of ['Alpha', 'Beta', 'ALPHABET']) await send('POST', '', { title });
    const [oldest] = (await send('GET', '?search=Alpha&limit=100')).body.items.toReversed();
    await send('POST', `/${oldest?.id}/messages`, prompt('Back to the first'));
    const titles = ({ items }: Body) => items.map(({ title }) => title);
    const first = (await send('GET', '?limit=2')).body;
    expect(titles(first)).toEqual(['Alpha', 'ALPHABET']);
    const next = (await send('GET', `?limit=2&cursor=${first.next_cursor}`)).body;
    expect([titles(next), next.next_cursor]).toEqual([['Beta'], null]);
    const found = (await send('GET', '?search=alpha&limit=1')).body;
    const more = (await send('GET', `?search=alpha&limit=1&cursor=${found.next_cursor}`)).body;
    expect([titles(found), titles(more), more.next_cursor]).toEqual([['Alpha'], ['ALPHABET'], null]);
    expect((await send('GET', '?cursor=bm90aGluZw')).body.error.code).toBe('invalid_cursor');
  });
});

describe('Conversations refuse', () => {
  it('a message that would make one larger than its limit, and say which', async () => {
    const { send, conversation } = await begun();
    const half = 'x'.repeat(CONVERSATION_BYTES_MAX / 2);
    const path = `/${conversation.id}/messages`;
    expect((await send('POST', path, prompt(half))).status).toBe(201);
    const full = await send('POST', path, prompt(half));
    expect(full).toMatchObject({
      status: 409,
      body: { error: { code: 'conversation_full', details: { rule: 'bytes_max' } } },
    });
    expect((await send('POST', '', { message: prompt(half + half) })).body.error.code).toBe(
      'conversation_full',
    );
  });

  it('more conversations than a user can have', async () => {
    const { send, wallet } = await begun();
    await asOwner(sql`insert into conversations (tenant_id, user_id, id, title_ciphertext, settings_ciphertext)
      select c.tenant_id, c.user_id, gen_random_uuid(), c.title_ciphertext, c.settings_ciphertext
      from conversations c, generate_series(1, 999) where c.user_id = ${wallet.user_id}`);
    const refused = await send('POST', '', { title: 'One more' });
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'too_many_conversations' } } });
  });

  it.each([
    ['a parent that is not there', prompt('Lost', crypto.randomUUID()), 'parent_id'],
    ['a role that does not exist', { ...prompt('Who?'), role: 'system' }, 'role'],
    ['an empty prompt', prompt(''), 'content'],
  ])('%s, and name the field', async (_, message, field) => {
    const { send, conversation } = await begun();
    const { status, body } = await send('POST', `/${conversation.id}/messages`, message);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'invalid_request', details: { issues: [{ field }] } });
  });

  it('a branch that is not there', async () => {
    const { send, conversation } = await begun();
    const refused = await send('PATCH', `/${conversation.id}`, { shown_message_id: crypto.randomUUID() });
    expect(refused.body.error.details).toMatchObject({ issues: [{ field: 'shown_message_id' }] });
  });

  it('everything new where the tenant keeps none, while those that were kept can be read and deleted', async () => {
    const { send, conversation } = await begun();
    const { id } = conversation;
    const admin = await somebody('admin');
    const keep = async (keeps_conversations: boolean) =>
      (await ask('/api/tenant', { method: 'PATCH', token: admin.token, body: { keeps_conversations } }))
        .status;
    expect(await keep(false)).toBe(200);
    try {
      expect((await send('POST', '', { title: 'New' })).body.error.code).toBe('conversations_off');
      expect((await send('POST', `/${id}/messages`, prompt('More'))).status).toBe(403);
      expect((await send('PATCH', `/${id}`, { title: 'Renamed' })).status).toBe(403);
      expect((await send('GET', `/${id}`)).status).toBe(200);
      expect((await send('DELETE', `/${id}`)).status).toBe(204);
    } finally {
      expect(await keep(true)).toBe(200);
    }
  });
});

it('An account’s export has its conversations, decrypted', async () => {
  const { token, conversation } = await begun();
  const document = (await (await ask('/api/auth/export', { token })).json()) as Record<string, unknown[]>;
  expect(document.conversations).toMatchObject([{ id: conversation.id, title: PROMPT }]);
  expect(document.conversation_messages).toMatchObject([
    { conversation_id: conversation.id, role: 'user', content: PROMPT },
  ]);
});
