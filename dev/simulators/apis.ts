import type { ProviderKind } from '../../contracts/usage.ts';
import { anthropicApi } from './anthropic/api.ts';
import { deepSeekApi } from './deepseek-api.ts';
import { googleApi } from './google-api.ts';
import { openAiApi } from './openai-api.ts';
import type { SimulatedApi } from './simulated-api.ts';

/** The simulated API of each kind of provider. */
export const simulatedApis: Record<ProviderKind, SimulatedApi> = {
  openai: openAiApi,
  anthropic: anthropicApi,
  google: googleApi,
  deepseek: deepSeekApi,
};
