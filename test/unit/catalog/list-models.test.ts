import { expect, it } from 'vitest';
import type { Model } from '../../../contracts/api/executions.ts';
import { oncePerName } from '../../../worker/catalog/list-models.ts';

const model = (name: string, kind: Model['kind']): Model => ({
  ...{ name, kind, aliases: [], providers: [], created_at: '2026-11-30T00:00:00.000Z' },
  ...{ context_window_tokens: 1, max_output_tokens: 1 },
  wallet_tokens_per_1000: { input: 1, cache_read: 1, cache_write: 1, output: 1 },
});

it('a name of several kinds is listed once, as the chat model if it is one', () => {
  const models = [model('a', 'image'), model('b', 'embedding'), model('a', 'chat'), model('b', 'speech')];
  expect(oncePerName(models).map(({ name, kind }) => [name, kind])).toEqual([
    ['a', 'chat'],
    ['b', 'embedding'],
  ]);
});
