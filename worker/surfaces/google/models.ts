import type { Model } from '../../../contracts/api/executions.ts';
import type { GoogleModel } from '../../../contracts/v1beta/generate-content-answer.ts';

/** The methods that take a model of a kind. The others have none in Google's API. */
const methods: Partial<Record<Model['kind'], readonly string[]>> = {
  chat: ['generateContent', 'countTokens'],
  embedding: ['embedContent', 'batchEmbedContents'],
};

/** Converts a model to Google's format. Pure. */
export const googleModelOf = ({
  name,
  kind,
  providers,
  context_window_tokens,
  max_output_tokens,
}: Model): GoogleModel => ({
  name: `models/${name}`,
  baseModelId: name,
  version: '',
  displayName: name,
  description: providers[0]?.name ?? '',
  inputTokenLimit: context_window_tokens,
  outputTokenLimit: max_output_tokens,
  supportedGenerationMethods: [...(methods[kind] ?? [])],
});
