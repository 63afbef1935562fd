import { describe, expect, it } from 'vitest';
import { messageParams } from '../../../../worker/providers/anthropic/request.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import { conversation, say } from '../wire-cases.ts';

const paramsOf = (changes: Partial<NeutralRequest>) => messageParams({ ...conversation, ...changes });
const text = (content: string) => ({ type: 'text', text: content });

describe('instructions after the first turn', () => {
  const rolesOf = (model: string, ...said: Parameters<typeof say>) =>
    paramsOf({ model, messages: say(...said) }).messages.map(({ role, content }) => [role, content]);

  it.each(['claude-opus-4-8', 'claude-opus-5-5', 'claude-fable-5-1'])(
    'are messages of their own at %s, where they may stand',
    (model) => {
      expect(rolesOf(model, ['user', 'U1'], ['system', 'S1'], ['system', ' ', 'S2'])).toEqual([
        ['user', [text('U1')]],
        ['system', [text('S1'), text('S2')]],
      ]);
      expect(
        rolesOf(
          model,
          ['user', 'U1'],
          ['system', 'S1'],
          ['assistant', 'A1'],
          ['system', 'S2'],
          ['user', 'U2'],
        ),
      ).toEqual([
        ['user', [text('U1')]],
        ['system', [text('S1')]],
        ['assistant', [text('A1')]],
        ['user', [text('<system>\nS2\n</system>'), text('U2')]],
      ]);
      expect(rolesOf(model, ['user', 'U1'], ['system', 'S1'], ['user', 'U2'])).toEqual([
        ['user', [text('U1'), text('<system>\nS1\n</system>'), text('U2')]],
      ]);
      // After a turn that says nothing they are one.
      expect(rolesOf(model, ['user', ' '], ['system', 'S1'])).toEqual([
        ['user', [text('<system>\nS1\n</system>')]],
      ]);
    },
  );

  it.each(['claude-opus-4-7', 'claude-sonnet-5-5', 'claude-haiku-4-5', 'claude-3-opus', 'glm-5'])(
    'are text of the user at %s',
    (model) => {
      expect(rolesOf(model, ['user', 'U1'], ['system', 'S1', 'S2'], ['assistant', 'A1'])).toEqual([
        ['user', [text('U1'), text('<system>\nS1'), text('S2\n</system>')]],
        ['assistant', [text('A1')]],
      ]);
    },
  );

  it('keep their marks of the cache, and leave the results of tools first', () => {
    const cache_control = { type: 'ephemeral' } as const;
    const messages: NeutralRequest['messages'] = [
      ...say(['user', 'U1']),
      { role: 'assistant', content: [], tool_calls: [{ id: 'a', name: 'f', arguments: '{}' }] },
      { role: 'system', content: [{ type: 'text', text: 'S', cache_control }] },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'R' }] },
    ];
    expect(paramsOf({ messages }).messages.at(-1)).toEqual({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: 'R' },
        { ...text('<system>\nS\n</system>'), cache_control },
      ],
    });
  });
});
