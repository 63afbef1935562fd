import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../contracts/api/executions.ts';
import { modelPage } from '../../../../contracts/v1/anthropic-models.ts';
import { anthropicModelsOf } from '../../../../worker/surfaces/anthropic/models.ts';

const models = ['a', 'b', 'c', 'd', 'e'].map(
  (name): Model => ({
    name,
    kind: 'chat',
    aliases: [],
    providers: [],
    context_window_tokens: 200_000,
    max_output_tokens: 8_000,
    created_at: '2026-05-01T00:00:00.000Z',
    wallet_tokens_per_1000: { input: 1, cache_read: 1, cache_write: 1, output: 1 },
  }),
);
const pageOf = (query: object) => {
  const page = anthropicModelsOf(models, modelPage.parse(query));
  return (
    page && { ids: page.data.map(({ id }) => id).join(''), has_more: page.has_more, last_id: page.last_id }
  );
};

describe('a page of models in Anthropic’s format', () => {
  it.each([
    [{}, 'abcde', false],
    [{ limit: '2' }, 'ab', true],
    [{ limit: '2', after_id: 'b' }, 'cd', true],
    [{ limit: '2', after_id: 'd' }, 'e', false],
    [{ after_id: 'e' }, '', false],
    [{ limit: '2', before_id: 'd' }, 'bc', true],
    [{ limit: '2', before_id: 'c' }, 'ab', false],
    [{ before_id: 'a' }, '', false],
  ])('for %j has %j', (query, ids, has_more) => {
    expect(pageOf(query)).toEqual({ ids, has_more, last_id: ids.at(-1) ?? null });
  });

  it('does not begin at a model that does not exist', () => {
    expect(pageOf({ after_id: 'x' })).toBeNull();
  });

  it.each([{ limit: '0' }, { limit: '1001' }, { after_id: 'a', before_id: 'b' }])(
    'is refused for %j',
    (query) => {
      expect(modelPage.safeParse(query).success).toBe(false);
    },
  );

  it('has the limits of each model, and the time at which it was added', () => {
    expect(anthropicModelsOf(models, modelPage.parse({ limit: '1' }))?.data).toMatchObject([
      {
        ...{ type: 'model', id: 'a', display_name: 'a', created_at: '2026-05-01T00:00:00.000Z' },
        ...{ max_input_tokens: 200_000, max_tokens: 8_000, lifecycle: 'active' },
      },
    ]);
  });
});
