import { describe, expect, it } from 'vitest';
import { createExecutionRequest } from '../../../../contracts/api/executions.ts';
import { messagesOf } from '../../../../web/src/features/playground/conversation-messages.ts';

describe('What a model is told', () => {
  it('is the prompt alone at first', () => {
    expect(messagesOf('', [], 'Hello')).toEqual([{ role: 'user', content: 'Hello' }]);
  });

  it('begins with the system prompt, unless that is blank', () => {
    expect(messagesOf(' Be brief. ', [], 'Hello')[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect(messagesOf('  \n', [], 'Hello')).toHaveLength(1);
  });

  it('holds the turns that were answered, in order, and leaves out those without an answer', () => {
    const past = [
      { prompt: 'One', answer: 'First' },
      { prompt: 'Lost', answer: null },
      { prompt: 'Silent', answer: '' },
      { prompt: 'Two', answer: 'Second' },
    ];
    const messages = messagesOf('', past, 'Three');
    expect(messages.map(({ content }) => content)).toEqual(['One', 'First', 'Two', 'Second', 'Three']);
    expect(createExecutionRequest.safeParse({ model: 'auto', messages }).success).toBe(true);
  });
});
