import type { ChatMessage } from '../../../contracts/chat.ts';
import type { NeutralRequest, ProviderResult } from '../../../worker/providers/provider.ts';

type Texts = ['system' | 'user' | 'assistant', ...string[]];

/** Messages of text alone: who speaks, and the parts of what they say. */
export const say = (...messages: Texts[]): ChatMessage[] =>
  messages.map(([role, ...texts]) => ({ role, content: texts.map((text) => ({ type: 'text', text })) }));

/** A conversation with everything that a provider may want arranged: instructions in two places, one side twice in a row. */
export const conversation: NeutralRequest = {
  model: 'm',
  messages: say(
    ['system', 'S1'],
    ['user', 'U1'],
    ['user', 'U2'],
    ['assistant', 'A1'],
    ['system', 'S2'],
    ['user', 'U3'],
  ),
  max_output_tokens: 64,
};

/** What cannot be a count of tokens. */
export const unusableCounts = [-1, 1.5, '12', 1e12, Number.NaN, Number.POSITIVE_INFINITY, [], {}, true];

export const usageOf = (result: ProviderResult) => (result.ok ? result.completion.usage : result.failure);
export const finishOf = (result: ProviderResult) =>
  result.ok ? result.completion.finish_reason : result.failure;
