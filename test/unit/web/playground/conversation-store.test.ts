import { describe, expect, it } from 'vitest';
import type { WholeConversation } from '../../../../contracts/api/conversations.ts';
import {
  ConversationStore,
  type LocalPrompt,
} from '../../../../web/src/features/playground/conversation-store.ts';

const prompt = (id: string, content = id): LocalPrompt => ({
  ...{ id, parent_id: null, created_at: '2026-11-30T00:00:00.000Z', content, isKept: false },
  role: 'user',
});

const settings = { model: 'auto', system: 'Be brief', temperature: 1, top_p: null, max_output_tokens: null };
const whole = (ids: string[], shown_message_id: string | null): WholeConversation => ({
  ...{ id: 'c', title: 'A title', message_count: ids.length, bytes: 1, shown_message_id, settings },
  ...{ created_at: '2026-11-30T00:00:00.000Z', used_at: '2026-11-30T00:00:00.000Z' },
  messages: ids.map((id) => {
    const { isKept: _, ...message } = prompt(id);
    return message;
  }),
});

describe('The conversations of the playground', () => {
  it('show a new message, and stay where they are when one changes', () => {
    const store = new ConversationStore();
    store.put('c', prompt('one'));
    store.put('c', prompt('two'));
    store.put('c', prompt('one', 'changed'));
    expect(store.threadOf('c')).toMatchObject({ shown_id: 'two', messages: [{ content: 'changed' }, {}] });
  });

  it('take from the server what the page does not hold, with the settings and the branch that was shown', () => {
    const store = new ConversationStore();
    store.load('c', whole(['one', 'two'], 'one'));
    expect(store.threadOf('c')).toMatchObject({ shown_id: 'one', settings, kept_settings: settings });
    store.put('c', prompt('two', 'changed here'));
    store.put('c', prompt('three'));
    store.load('c', whole(['one', 'two'], 'one'));
    const { messages, shown_id } = store.threadOf('c');
    expect(messages.map(({ id, isKept }) => [id, isKept])).toEqual([
      ['one', true],
      ['two', false],
      ['three', false],
    ]);
    expect(shown_id).toBe('three');
  });

  it('are told to every listener at each change, and are the same object between changes', () => {
    const store = new ConversationStore();
    let told = 0;
    const stop = store.subscribe(() => told++);
    const before = store.threadOf('c');
    expect(store.threadOf('c')).toBe(before);
    store.change('c', { draft: 'Hello' });
    stop();
    store.change('c', { draft: 'Unheard' });
    expect([told, store.threadOf('c') === before]).toEqual([1, false]);
  });

  it('take no message once they are deleted, and stop their answer', () => {
    const store = new ConversationStore();
    store.put('c', prompt('one'));
    const signal = store.begin('c');
    store.forget('c');
    store.put('c', prompt('late'));
    store.load('c', whole(['one'], 'one'));
    store.open('c');
    expect([signal.aborted, store.threadOf('c').messages, store.openId]).toEqual([true, [], null]);
  });

  it('begin anew under an id of their own, with the model that was used last', () => {
    const store = new ConversationStore();
    const first = store.freshId;
    store.change(first, { settings });
    store.renew();
    expect(store.freshId).not.toBe(first);
    expect(store.threadOf(store.freshId).settings).toMatchObject({ model: 'auto', system: '' });
  });

  it('are kept request by request, in order, also after one that failed', async () => {
    const store = new ConversationStore();
    const done: number[] = [];
    const one = store.inOrder('c', async () => {
      await Promise.resolve();
      done.push(1);
      throw new Error('refused');
    });
    const two = store.inOrder('c', async () => {
      done.push(2);
    });
    await expect(one).rejects.toThrow('refused');
    await two;
    expect(done).toEqual([1, 2]);
  });
});
