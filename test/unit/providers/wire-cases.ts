import type { NeutralRequest, ProviderResult } from '../../../worker/providers/provider.ts';

/** A conversation with everything that a provider may want arranged: instructions in two places, one side twice in a row. */
export const conversation: NeutralRequest = {
  model: 'm',
  messages: [
    { role: 'system', content: 'S1' },
    { role: 'user', content: 'U1' },
    { role: 'user', content: 'U2' },
    { role: 'assistant', content: 'A1' },
    { role: 'system', content: 'S2' },
    { role: 'user', content: 'U3' },
  ],
  max_output_tokens: 64,
};

/** What cannot be a count of tokens. */
export const unusableCounts = [-1, 1.5, '12', 1e12, Number.NaN, Number.POSITIVE_INFINITY, [], {}, true];

export const usageOf = (result: ProviderResult) => (result.ok ? result.completion.usage : result.failure);
export const finishOf = (result: ProviderResult) =>
  result.ok ? result.completion.finish_reason : result.failure;
