import { Checkbox, NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { modelKindIds, modelKinds } from '../../../../../contracts/catalog/model-kinds.ts';
import { servesModels } from '../../../../../contracts/catalog/provider-kinds.ts';
import { capability } from '../../../../../contracts/chat/chat.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { type CatalogModel, changeModel, createModel } from '../api/catalog.ts';
import { capabilityNames } from '../model-catalog.ts';
import {
  draftOfModel,
  emptyModelDraft,
  type ModelDraft,
  modelFields,
  readModelChange,
  readNewModel,
} from '../model-draft.ts';

type FieldsProps = { form: UseFormReturnType<ModelDraft> };

function Names({ form, publicNames }: FieldsProps & { publicNames: string[] }) {
  return (
    <>
      <TextInput
        label="Model ID at the provider"
        placeholder="gpt-5.4-mini"
        maxLength={200}
        required
        {...form.getInputProps('provider_model')}
      />
      <TextInput
        label="Public name"
        description="The name in requests. Models that share a public name are tried in order."
        maxLength={200}
        required
        list="public-names"
        {...form.getInputProps('public_name')}
      />
      <datalist id="public-names">
        {publicNames.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

const tokens = {
  min: 1,
  clampBehavior: 'none',
  allowDecimal: false,
  allowNegative: false,
  thousandSeparator: ',',
  suffix: ' tokens',
  hideControls: true,
  required: true,
} as const;

const TokenLimits = ({ form }: FieldsProps) => (
  <SimpleGrid cols={2} spacing="sm">
    <NumberInput {...tokens} label="Context window" {...form.getInputProps('context_window_tokens')} />
    {modelKinds[form.values.kind].has_output && (
      <NumberInput {...tokens} label="Max output" {...form.getInputProps('max_output_tokens')} />
    )}
  </SimpleGrid>
);

/** The kinds of models that the chosen provider can serve. */
function kindsOf(providers: Provider[], { provider_id }: ModelDraft) {
  const provider = providers.find(({ id }) => id === provider_id);
  return modelKindIds
    .filter((kind) => provider === undefined || servesModels(provider.kind, kind))
    .map((kind) => ({ value: kind, label: modelKinds[kind].label }));
}

const Capabilities = ({ form }: FieldsProps) => (
  <Checkbox.Group
    label="Capabilities"
    description="Requests that need a capability go to the next candidate that has it."
    {...form.getInputProps('capabilities')}
  >
    <Stack gap={8} mt={8}>
      {capability.options.map((name) => (
        <Checkbox key={name} value={name} label={capabilityNames[name]} />
      ))}
    </Stack>
  </Checkbox.Group>
);

type ModelFieldsProps = FieldsProps & { isNew: boolean; providers: Provider[]; publicNames: string[] };

function Fields({ form, isNew, providers, publicNames }: ModelFieldsProps) {
  return (
    <>
      <Select
        label="Provider"
        {...(isNew ? {} : { description: 'The provider cannot be changed.' })}
        data={providers.map(({ id, name }) => ({ value: id, label: name }))}
        disabled={!isNew}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        {...form.getInputProps('provider_id')}
      />
      <Select
        label="Kind"
        description={
          isNew
            ? `Requests come by ${modelKinds[form.values.kind].endpoint}. The kind cannot be changed later.`
            : 'The kind cannot be changed.'
        }
        data={kindsOf(providers, form.values)}
        disabled={!isNew}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        {...form.getInputProps('kind')}
      />
      <Names form={form} publicNames={publicNames} />
      <TokenLimits form={form} />
      {form.values.kind === 'chat' && <Capabilities form={form} />}
      <NumberInput
        label="Priority"
        description="Lower numbers are tried first, among providers of equal priority."
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        {...form.getInputProps('priority')}
      />
      <NumberInput
        label="Weight"
        description="The share of requests when models are chosen by weight. 0 is tried last."
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        {...form.getInputProps('weight')}
      />
      <Switch
        label="Enabled"
        description="Disabled models receive no requests."
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
    </>
  );
}

type DrawerProps = {
  /** The tenant's own providers. */
  providers: Provider[];
  onClose: () => void;
  onDone: (model: CatalogModel) => void;
};

/** Adds a model. `publicNames` are suggested as names. */
export function NewModelDrawer(props: DrawerProps & { publicNames: string[] }) {
  const { providers, publicNames, onClose, onDone } = props;
  const serverForm = useServerForm({
    initial: emptyModelDraft(providers[0]?.id ?? null),
    fields: modelFields,
    read: readNewModel,
    mutation: createModel,
    onClose,
    onDone,
  });
  return (
    <FormDrawer title="Custom model" action="Add the model" serverForm={serverForm}>
      <Fields form={serverForm.form} isNew providers={providers} publicNames={publicNames} />
    </FormDrawer>
  );
}

/** Changes a model: everything but its provider. */
export function EditModelDrawer({
  model,
  providers,
  onClose,
  onDone,
}: DrawerProps & { model: CatalogModel }) {
  const serverForm = useServerForm({
    initial: draftOfModel(model),
    fields: modelFields,
    read: (draft) => readModelChange(model, draft),
    mutation: changeModel(model.id),
    onClose,
    onDone,
  });
  return (
    <FormDrawer title={`${model.public_name}: ${model.provider_model}`} serverForm={serverForm}>
      <Fields form={serverForm.form} isNew={false} providers={providers} publicNames={[]} />
    </FormDrawer>
  );
}
