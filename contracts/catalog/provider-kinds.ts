import type { ModelKind } from './model-kinds.ts';

/**
 * The kinds of providers, described by data. The API schemas, the database check, the platform's settings, the simulators and
 * the admin form are derived from this record. `worker/providers/registry.ts` maps each kind to the folder with its code.
 */

/** One kind as administrators see it. */
type ProviderKindDescription = {
  /** The name of the provider, as in "OpenAI". */
  name: string;
  /** The label of the kind in a list to choose from. */
  label: string;
  /** One sentence under that list. */
  help: string;
  /** The address that is called when a provider has no base URL. Base URLs of this kind end where this one ends. */
  official_base_url: string;
  /** The fields of a credential, by name, with their labels. The API takes them under these names. */
  credential_fields: { api_key: { label: string } };
  /** The kinds of models that a provider of this kind can serve. */
  model_kinds: readonly ModelKind[];
};

/** Every kind, in the order in which the admin form lists them. */
export const providerKinds = {
  openai: {
    name: 'OpenAI',
    label: 'OpenAI, and compatible servers',
    help: "OpenAI's chat completions and embeddings, at OpenAI or at any compatible server.",
    official_base_url: 'https://api.openai.com/v1',
    credential_fields: { api_key: { label: 'Key' } },
    model_kinds: ['chat', 'embedding', 'image', 'speech', 'transcription', 'moderation'],
  },
  anthropic: {
    name: 'Anthropic',
    label: 'Anthropic',
    help: "Anthropic's messages.",
    official_base_url: 'https://api.anthropic.com',
    credential_fields: { api_key: { label: 'Key' } },
    model_kinds: ['chat'],
  },
  google: {
    name: 'Google',
    label: 'Google',
    help: "Gemini's generateContent and batchEmbedContents.",
    official_base_url: 'https://generativelanguage.googleapis.com',
    credential_fields: { api_key: { label: 'Key' } },
    model_kinds: ['chat', 'embedding'],
  },
  deepseek: {
    name: 'DeepSeek',
    label: 'DeepSeek',
    help: "DeepSeek's chat completions: text and tools, no images.",
    official_base_url: 'https://api.deepseek.com/v1',
    credential_fields: { api_key: { label: 'Key' } },
    model_kinds: ['chat'],
  },
} as const satisfies Record<string, ProviderKindDescription>;

type KindId = keyof typeof providerKinds;

/** The ids of all kinds. An id is part of stored data and of the names of settings, so it never changes. */
export const providerKindIds = Object.keys(providerKinds) as [KindId, ...KindId[]];

/** True if a provider of this kind can serve models of that kind. */
export const servesModels = (kind: KindId, model_kind: ModelKind): boolean =>
  (providerKinds[kind].model_kinds as readonly ModelKind[]).includes(model_kind);

/** The settings that hold the platform's own credential for a kind, and the base URL to call with it. */
export const platformSettingsOf = <Kind extends KindId>(kind: Kind) =>
  ({
    api_key: `${kind.toUpperCase() as Uppercase<Kind>}_API_KEY`,
    base_url: `${kind.toUpperCase() as Uppercase<Kind>}_BASE_URL`,
  }) as const;
