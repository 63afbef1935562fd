import type { Model } from '../../../contracts/api/executions.ts';
import type {
  AnthropicModel,
  AnthropicModelList,
  ModelPage,
} from '../../../contracts/v1/anthropic-models.ts';

/** Converts models to Anthropic's format. Pure. */

export const anthropicModelOf = ({
  name,
  created_at,
  context_window_tokens,
  max_output_tokens,
}: Model): AnthropicModel => ({
  type: 'model',
  id: name,
  display_name: name,
  created_at,
  max_input_tokens: context_window_tokens,
  max_tokens: max_output_tokens,
  lifecycle: 'active',
  deprecated_at: null,
  retires_at: null,
  line: null,
  capabilities: null,
});

/** Returns the part of a list that a page has, and if there is more; null if the model that it begins at does not exist. */
function cut(models: readonly Model[], { limit, after_id, before_id }: ModelPage) {
  const id = after_id ?? before_id;
  const at = models.findIndex(({ name }) => name === id);
  if (id !== undefined && at === -1) return null;
  if (before_id !== undefined)
    return { models: models.slice(Math.max(0, at - limit), at), has_more: at > limit };
  const start = at + 1;
  return { models: models.slice(start, start + limit), has_more: models.length > start + limit };
}

/** Returns one page of models; null if the model that it begins at does not exist. */
export function anthropicModelsOf(models: readonly Model[], page: ModelPage): AnthropicModelList | null {
  const found = cut(models, page);
  if (found === null) return null;
  const data = found.models.map(anthropicModelOf);
  return {
    data,
    has_more: found.has_more,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
