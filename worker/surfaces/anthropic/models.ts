import type { AnthropicModelList } from '../../../contracts/v1/messages-answer.ts';

/** Converts the names of models to Anthropic's list. Its API gives the beginning of 1970 where the time of a release is not known. Pure. */
export const anthropicModelsOf = (models: readonly { id: string }[]): AnthropicModelList => ({
  data: models.map(({ id }) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  })),
  has_more: false,
  first_id: models[0]?.id ?? null,
  last_id: models.at(-1)?.id ?? null,
});
