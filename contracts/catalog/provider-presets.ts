import type { ProviderKind } from '../usage.ts';
import type { SettingsInput } from './provider-settings.ts';

/**
 * Presets for well-known providers and servers: an address to fill in and the settings that differ from the defaults. The admin form
 * offers them; a provider keeps the values, not the preset.
 */
export type ProviderPreset = {
  /** The name of the provider or server. */
  label: string;
  kind: ProviderKind;
  /** The base URL, with words in braces to replace; null for the official endpoint of the kind. */
  base_url: string | null;
  settings: SettingsInput;
};

/** Time for a server that loads a model at its first request, in milliseconds. */
const LOADING_MS = 300_000;

/** Every preset of the kinds that are compatible with OpenAI, in the order of the form. Sources in docs/providers.md. */
export const providerPresets = {
  openai: {
    label: 'OpenAI',
    kind: 'openai',
    base_url: null,
    settings: { output_limit_parameter: 'max_completion_tokens' },
  },
  azure: {
    label: 'Azure OpenAI',
    kind: 'openai',
    base_url: 'https://{resource}.openai.azure.com/openai/v1',
    settings: { output_limit_parameter: 'max_completion_tokens' },
  },
  openrouter: {
    label: 'OpenRouter',
    kind: 'openai',
    base_url: 'https://openrouter.ai/api/v1',
    settings: { output_limit_parameter: 'max_tokens' },
  },
  vllm: {
    label: 'vLLM',
    kind: 'openai',
    base_url: 'https://{host}/v1',
    settings: { output_limit_parameter: 'max_tokens', first_byte_timeout_ms: LOADING_MS },
  },
  llama_cpp: {
    label: 'llama.cpp',
    kind: 'openai',
    base_url: 'https://{host}/v1',
    settings: {
      output_limit_parameter: 'max_tokens',
      first_byte_timeout_ms: LOADING_MS,
      idle_timeout_ms: 120_000,
    },
  },
  ollama: {
    label: 'Ollama',
    kind: 'openai',
    base_url: 'https://{host}/v1',
    settings: {
      output_limit_parameter: 'max_tokens',
      first_byte_timeout_ms: LOADING_MS,
      idle_timeout_ms: 120_000,
    },
  },
  mistral: {
    label: 'Mistral',
    kind: 'openai',
    base_url: 'https://api.mistral.ai/v1',
    // It reports usage in every stream, and refuses stream_options.include_usage with 422.
    settings: {
      output_limit_parameter: 'max_tokens',
      stream_usage: false,
      rename_parameters: { seed: 'random_seed' },
    },
  },
  deepseek: { label: 'DeepSeek', kind: 'deepseek', base_url: null, settings: {} },
  kimi: {
    label: 'Kimi (Moonshot)',
    kind: 'openai',
    base_url: 'https://api.moonshot.ai/v1',
    settings: { output_limit_parameter: 'max_tokens' },
  },
  groq: {
    label: 'Groq',
    kind: 'openai',
    base_url: 'https://api.groq.com/openai/v1',
    settings: { output_limit_parameter: 'max_completion_tokens' },
  },
  together: {
    label: 'Together',
    kind: 'openai',
    base_url: 'https://api.together.xyz/v1',
    settings: { output_limit_parameter: 'max_tokens' },
  },
  xai: {
    label: 'xAI',
    kind: 'openai',
    base_url: 'https://api.x.ai/v1',
    settings: { output_limit_parameter: 'max_completion_tokens' },
  },
  litellm: { label: 'LiteLLM', kind: 'openai', base_url: 'https://{host}/v1', settings: {} },
  cloudflare: {
    label: 'Cloudflare AI Gateway',
    kind: 'openai',
    base_url: 'https://gateway.ai.cloudflare.com/v1/{account}/{gateway}/compat',
    settings: {},
  },
} as const satisfies Record<string, ProviderPreset>;

export type PresetId = keyof typeof providerPresets;
/** The ids of all presets. */
export const presetIds = Object.keys(providerPresets) as PresetId[];
