import { describe, expect, it } from 'vitest';
import { createExecutionRequest } from '../../../../contracts/api/executions.ts';
import { messagesOf } from '../../../../web/src/features/playground/conversation-messages.ts';

const prompt = (content: string) => ({ id: content, role: 'user' as const, content });
const answer = (text: string) => ({ id: `answer ${text}`, role: 'assistant' as const, text });

describe('What a model is told', () => {
  it('is the prompt alone at first', () => {
    expect(messagesOf('', [prompt('Hello')])).toEqual([{ role: 'user', content: 'Hello' }]);
  });

  it('begins with the system prompt, unless that is blank', () => {
    expect(messagesOf(' Be brief. ', [prompt('Hello')])[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect(messagesOf('  \n', [prompt('Hello')])).toHaveLength(1);
  });

  it('holds the prompts that were answered, in order, and leaves out those without an answer', () => {
    const branch = [
      ...[prompt('One'), answer('First'), prompt('Lost'), prompt('Silent'), answer('')],
      ...[prompt('Two'), answer('Second'), prompt('Three')],
    ];
    const messages = messagesOf('', branch);
    expect(messages.map(({ content }) => content)).toEqual(['One', 'First', 'Two', 'Second', 'Three']);
    expect(createExecutionRequest.safeParse({ model: 'auto', messages }).success).toBe(true);
  });
});
