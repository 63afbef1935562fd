import type { ProviderKind } from '../../contracts/usage.ts';
import { anthropicKind } from './anthropic/kind.ts';
import { deepSeekKind } from './deepseek/kind.ts';
import { googleKind } from './google/kind.ts';
import { openAiKind } from './openai/kind.ts';
import type { ProviderKindModule } from './provider-kind.ts';

/** The folder of each kind. docs/providers.md says how to add one. */
export const kindModules: Record<ProviderKind, ProviderKindModule> = {
  openai: openAiKind,
  anthropic: anthropicKind,
  google: googleKind,
  deepseek: deepSeekKind,
};
