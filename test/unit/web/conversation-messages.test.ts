import { describe, expect, it } from 'vitest';
import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import { createExecutionRequest } from '../../../contracts/api/executions.ts';
import { messagesOf } from '../../../web/src/lib/conversation-messages.ts';

const answered = (prompt: string, output_text: string | null) => ({
  id: prompt,
  prompt,
  model: 'auto',
  started_at_ms: 0,
  outcome: { state: 'answered' as const, execution: { output_text } as CreateExecutionResponse },
});

describe('What a model is told', () => {
  it('is the prompt alone at first', () => {
    expect(messagesOf('', [], 'Hello')).toEqual([{ role: 'user', content: 'Hello' }]);
  });

  it('begins with the system prompt, unless that is blank', () => {
    expect(messagesOf(' Be brief. ', [], 'Hello')[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect(messagesOf('  \n', [], 'Hello')).toHaveLength(1);
  });

  it('holds the turns that were answered, in order, and leaves out those without an answer', () => {
    const running = { ...answered('Lost', null), outcome: { state: 'running' as const } };
    const turns = [answered('One', 'First'), running, answered('Silent', ''), answered('Two', 'Second')];
    const messages = messagesOf('', turns, 'Three');
    expect(messages.map(({ content }) => content)).toEqual(['One', 'First', 'Two', 'Second', 'Three']);
    expect(createExecutionRequest.safeParse({ model: 'auto', messages }).success).toBe(true);
  });
});
