import type { Model } from '../../../contracts/api/executions.ts';
import type { OpenAiModel } from '../../../contracts/v1/chat-completions-answer.ts';

/** Converts a model to OpenAI's format. Pure. */
export const openAiModelOf = ({ name, created_at, providers }: Model): OpenAiModel => ({
  id: name,
  object: 'model',
  created: Math.floor(Date.parse(created_at) / 1_000),
  owned_by: providers[0]?.name ?? '',
});
