import { Checkbox, NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { type Capability, capability } from '../../../../../contracts/chat.ts';
import { useDraft } from '../../../lib/use-draft.ts';
import { FormDrawer } from '../../../ui/form-drawer.tsx';
import { type CatalogModel, patchModel, postModel } from '../api/catalog.ts';
import { capabilityNames } from '../model-catalog.ts';
import {
  draftOfModel,
  emptyModelDraft,
  type ModelDraft,
  type ModelErrors,
  modelFields,
  readModelChange,
  readNewModel,
} from '../model-draft.ts';

type FieldsProps = {
  draft: ModelDraft;
  errors: ModelErrors;
  change: (part: Partial<ModelDraft>) => void;
};

function Names({ draft, errors, change, names }: FieldsProps & { names: string[] }) {
  return (
    <>
      <TextInput
        label="What the provider calls it"
        placeholder="gpt-5.4-mini"
        maxLength={200}
        required
        value={draft.provider_model}
        error={errors.provider_model}
        onChange={({ currentTarget }) => change({ provider_model: currentTarget.value })}
      />
      <TextInput
        label="Public name"
        description="What users ask for. Models that share one are tried one after the other."
        maxLength={200}
        required
        list="public-names"
        value={draft.public_name}
        error={errors.public_name}
        onChange={({ currentTarget }) => change({ public_name: currentTarget.value })}
      />
      <datalist id="public-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

function Bounds({ draft, errors, change }: FieldsProps) {
  const figure = {
    min: 1,
    clampBehavior: 'none',
    allowDecimal: false,
    allowNegative: false,
    thousandSeparator: ',',
    suffix: ' tokens',
    hideControls: true,
    required: true,
  } as const;
  return (
    <SimpleGrid cols={2} spacing="sm">
      <NumberInput
        {...figure}
        label="Context window"
        value={draft.context_window_tokens}
        error={errors.context_window_tokens}
        onChange={(context_window_tokens) => change({ context_window_tokens })}
      />
      <NumberInput
        {...figure}
        label="Longest output"
        value={draft.max_output_tokens}
        error={errors.max_output_tokens}
        onChange={(max_output_tokens) => change({ max_output_tokens })}
      />
    </SimpleGrid>
  );
}

function Abilities({ draft, change }: FieldsProps) {
  return (
    <Checkbox.Group
      label="What it can do"
      description="A request that needs more goes to the next candidate that can."
      value={draft.capabilities}
      onChange={(capabilities) => change({ capabilities: capabilities as Capability[] })}
    >
      <Stack gap={8} mt={8}>
        {capability.options.map((name) => (
          <Checkbox key={name} value={name} label={capabilityNames[name]} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

type ModelDrawerProps = {
  /** null for a new one. */
  model: CatalogModel | null;
  /** The tenant's own: a model is served by one of them. */
  providers: Provider[];
  /** Public names there are. */
  names: string[];
  onClose: () => void;
  onDone: (model: CatalogModel) => void;
};

/** Adds a way to serve a public name, or changes one. */
export function ModelDrawer({ model, providers, names, onClose, onDone }: ModelDrawerProps) {
  const initial = model === null ? emptyModelDraft(providers[0]?.id ?? null) : draftOfModel(model);
  const { draft, change, submit, isSending, errors, rest } = useDraft(initial, modelFields);
  const fields = { draft, errors, change };

  function save() {
    if (model === null) return submit(readNewModel(draft), postModel, onDone);
    const read = readModelChange(model, draft);
    if (read.ok && Object.keys(read.value).length === 0) return onClose();
    submit(read, (patch) => patchModel(model.id, patch), onDone);
  }

  return (
    <FormDrawer
      title={model === null ? 'New model' : `${model.public_name}: ${model.provider_model}`}
      action={model === null ? 'Add the model' : 'Save'}
      isSending={isSending}
      error={rest}
      onSubmit={save}
      onClose={onClose}
    >
      <Select
        label="Provider"
        description={model === null ? 'Who answers.' : 'Who answers. It stays as it is.'}
        data={providers.map(({ id, name }) => ({ value: id, label: name }))}
        disabled={model !== null}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        value={draft.provider_id}
        error={errors.provider_id}
        onChange={(provider_id) => change({ provider_id })}
      />
      <Names {...fields} names={names} />
      <Bounds {...fields} />
      <Abilities {...fields} />
      <NumberInput
        label="Priority"
        description="Lower is tried first, among providers of equal priority."
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        value={draft.priority}
        error={errors.priority}
        onChange={(priority) => change({ priority })}
      />
      <Switch
        label="Enabled"
        description="A disabled model is not served."
        checked={draft.enabled}
        onChange={({ currentTarget }) => change({ enabled: currentTarget.checked })}
      />
    </FormDrawer>
  );
}
