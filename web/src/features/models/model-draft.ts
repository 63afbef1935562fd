import {
  type CreateModelRequest,
  createModelRequest,
  type ModelPatch,
  modelPatch,
} from '../../../../contracts/api/catalog.ts';
import { type ModelKind, modelKinds } from '../../../../contracts/catalog/model-kinds.ts';
import { type Capability, capability } from '../../../../contracts/chat/chat.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';
import type { CatalogModel } from './api/catalog.ts';

/** A model while it is edited. An emptied number field holds a text. Pure. */
export type ModelDraft = {
  provider_id: string | null;
  kind: ModelKind;
  public_name: string;
  provider_model: string;
  context_window_tokens: number | string;
  max_output_tokens: number | string;
  /** The capabilities that are on. */
  capabilities: Capability[];
  priority: number | string;
  weight: number | string;
  enabled: boolean;
};

export const modelFields = [
  'provider_id',
  'kind',
  'public_name',
  'provider_model',
  'context_window_tokens',
  'max_output_tokens',
  'priority',
  'weight',
] as const;
type ModelField = (typeof modelFields)[number];

const fieldRules: Record<ModelField, string> = {
  provider_id: 'Choose a provider',
  kind: 'Choose a kind that the provider has models of',
  public_name: 'Enter a name of at most 200 characters',
  provider_model: 'Enter the model ID at the provider, at most 200 characters',
  context_window_tokens: 'Enter a whole number of tokens, at least 1',
  max_output_tokens: 'Enter a whole number of tokens, at least 1 and no more than the context window',
  priority: 'Enter a whole number from 0 to 1,000,000',
  weight: 'Enter a whole number from 0 to 1,000',
};

export const emptyModelDraft = (provider_id: string | null): ModelDraft => ({
  provider_id,
  kind: 'chat',
  public_name: '',
  provider_model: '',
  context_window_tokens: '',
  max_output_tokens: '',
  capabilities: [...capability.options],
  priority: 0,
  weight: 1,
  enabled: true,
});

export const draftOfModel = ({ provider, capabilities, ...model }: CatalogModel): ModelDraft => ({
  provider_id: provider?.id ?? null,
  kind: model.kind,
  public_name: model.public_name,
  provider_model: model.provider_model,
  context_window_tokens: model.context_window_tokens,
  max_output_tokens: model.max_output_tokens,
  capabilities: capability.options.filter((name) => capabilities[name] !== false),
  priority: model.priority,
  weight: model.weight,
  enabled: model.enabled,
});

/** Capabilities as the API takes them: false for those that are off. The others depend on the provider. */
const capabilitiesOf = ({ capabilities }: ModelDraft) =>
  Object.fromEntries(
    capability.options.filter((name) => !capabilities.includes(name)).map((name) => [name, false]),
  );

/** The fields that can be changed. Kinds whose answers have no tokens have no output limit. */
function requestOf(draft: ModelDraft) {
  const { provider_id: _provider, kind, max_output_tokens, ...fields } = draft;
  return {
    ...fields,
    public_name: draft.public_name.trim(),
    provider_model: draft.provider_model.trim(),
    ...(modelKinds[kind].has_output && { max_output_tokens }),
    capabilities: capabilitiesOf(draft),
  };
}

export const readNewModel = (draft: ModelDraft) =>
  readForm<CreateModelRequest, ModelField>(
    createModelRequest,
    { provider_id: draft.provider_id, kind: draft.kind, ...requestOf(draft) },
    fieldRules,
  );

/** The changes of a draft to a model; an empty patch for none. Both token limits are sent together, because one must fit into the other. */
export function readModelChange(model: CatalogModel, draft: ModelDraft): FormRead<ModelPatch, ModelField> {
  const [before, after] = [requestOf(draftOfModel(model)), requestOf(draft)];
  const changed = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof typeof before]),
  );
  if (changed.length === 0) return { ok: true, value: {} };
  const { context_window_tokens, max_output_tokens } = after;
  const limits = { context_window_tokens, ...(max_output_tokens !== undefined && { max_output_tokens }) };
  const patch = { ...limits, ...Object.fromEntries(changed) };
  return readForm<ModelPatch, ModelField>(modelPatch, patch, fieldRules);
}
