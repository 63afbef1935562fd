import { Button, NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { providerKindIds, providerKinds } from '../../../../../contracts/catalog/provider-kinds.ts';
import type { ProviderKind } from '../../../../../contracts/usage.ts';
import { refusalOf } from '../../../lib/form-errors.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { changeProvider, createProvider, testProvider } from '../api/providers.ts';
import {
  draftOfProvider,
  emptyProviderDraft,
  needsKey,
  type ProviderDraft,
  type ProviderField,
  providerFields,
  readNewProvider,
  readProviderChange,
  readProviderTest,
  withPreset,
} from '../provider-draft.ts';
import { AdvancedSettings, PresetSelect } from './provider-settings.tsx';
import { TestCall } from './provider-test.tsx';

const kinds = providerKindIds.map((value) => ({ value, label: providerKinds[value].label }));

type FieldsProps = {
  draft: ProviderDraft;
  /** Value, error and change handler of a field. */
  input: (field: ProviderField) => ReturnType<UseFormReturnType<ProviderDraft>['getInputProps']>;
};

function Address({ draft, input, isNew }: FieldsProps & { isNew: boolean }) {
  const { help, official_base_url } = providerKinds[draft.kind];
  const simulator = useTenant().simulator_base_urls[draft.kind];
  return (
    <>
      <NativeSelect
        label="Kind"
        description={`${help}${isNew ? '' : ' The kind cannot be changed.'}`}
        data={kinds}
        disabled={!isNew}
        {...input('kind')}
      />
      <TextInput
        type="url"
        label="Base URL"
        description={
          isNew
            ? 'Leave empty for the official address.'
            : 'Leave empty for the official address. Enter the key again when you change it.'
        }
        placeholder={official_base_url}
        maxLength={500}
        {...input('base_url')}
      />
      {simulator !== undefined && draft.base_url !== simulator && (
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: 'start' }}
          onClick={() => input('base_url').onChange(simulator)}
        >
          Use the local simulator: {simulator}
        </Button>
      )}
    </>
  );
}

type CredentialField = keyof (typeof providerKinds)[ProviderKind]['credential_fields'];

/** The fields of a kind's credential, with their labels. */
const credentialFieldsOf = (kind: ProviderKind) =>
  (Object.keys(providerKinds[kind].credential_fields) as CredentialField[]).map((field) => ({
    field,
    label: providerKinds[kind].credential_fields[field].label,
  }));

type CredentialProps = FieldsProps & { hasKey: boolean; isKeyRequired: boolean };

function Credential({ draft, input, hasKey, isKeyRequired }: CredentialProps) {
  const isStored = 'It is tested, then stored encrypted and never shown again.';
  return (
    <>
      {credentialFieldsOf(draft.kind).map(({ field, label }) => (
        <PasswordInput
          key={field}
          label={hasKey ? `Replace the ${label.toLowerCase()}` : label}
          description={hasKey ? `Leave empty to keep the current one. ${isStored}` : isStored}
          placeholder={isKeyRequired ? undefined : 'The platform’s key'}
          required={isKeyRequired && !hasKey}
          autoComplete="off"
          maxLength={1_000}
          {...input(field)}
        />
      ))}
      {draft.api_key !== '' && (
        <TextInput
          label="Model for the test"
          description="Optional. The test sends this model a short prompt with a tool. Without a model, the test lists the models."
          maxLength={200}
          {...input('test_model')}
        />
      )}
    </>
  );
}

/** Tests the values of a draft. The result is dropped when they change. */
function useTestCall(draft: ProviderDraft) {
  const { mutate, data, error, variables, isPending } = useMutation(testProvider);
  const read = readProviderTest(draft);
  const isCurrent = read.ok && JSON.stringify(read.value) === JSON.stringify(variables);
  const refusal = refusalOf(isCurrent ? error : null, providerFields);
  return {
    errors: refusal.errors,
    rest: refusal.rest,
    call: {
      result: isCurrent ? (data ?? null) : null,
      isTesting: isPending,
      isDisabled: !read.ok,
      onTest: () => read.ok && mutate(read.value),
    },
  };
}

type ProviderFieldsProps = { form: UseFormReturnType<ProviderDraft>; provider: Provider | null };

function Fields({ form, provider }: ProviderFieldsProps) {
  const isPlatform = useUser().role === 'superadmin';
  const draft = form.values;
  const test = useTestCall(draft);
  const input = (field: ProviderField) => ({
    ...form.getInputProps(field),
    error: form.errors[field] ?? test.errors[field],
  });
  return (
    <>
      {provider === null && <PresetSelect onChoose={(id) => form.setValues(withPreset(draft, id))} />}
      <TextInput
        label="Name"
        description="Shown with every answer of this provider."
        maxLength={100}
        required
        data-autofocus
        {...input('name')}
      />
      <Address draft={draft} input={input} isNew={provider === null} />
      <Credential
        draft={draft}
        input={input}
        hasKey={provider?.key === 'own'}
        isKeyRequired={needsKey(draft, isPlatform)}
      />
      {draft.api_key !== '' && <TestCall {...test.call} />}
      {test.rest !== null && <ErrorAlert error={test.rest} />}
      <AdvancedSettings form={form} input={input} />
      <NumberInput
        label="Priority"
        description="Lower numbers are tried first."
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        {...input('priority')}
      />
      <Switch
        label="Enabled"
        description="Disabled providers receive no requests."
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
    </>
  );
}

const actionOf = ({ api_key }: ProviderDraft) => (api_key === '' ? 'Save' : 'Test and save');

type DrawerProps = { onClose: () => void; onDone: (provider: Provider) => void };

/** Adds a provider. */
export function NewProviderDrawer({ onClose, onDone }: DrawerProps) {
  const isPlatform = useUser().role === 'superadmin';
  const serverForm = useServerForm({
    initial: emptyProviderDraft,
    fields: providerFields,
    read: (draft) => readNewProvider(draft, needsKey(draft, isPlatform)),
    mutation: createProvider,
    onClose,
    onDone,
  });
  const { form } = serverForm;
  return (
    <FormDrawer title="New provider" action={actionOf(form.values)} serverForm={serverForm}>
      <Fields form={form} provider={null} />
    </FormDrawer>
  );
}

/** Changes a provider: everything but its kind. */
export function EditProviderDrawer({ provider, onClose, onDone }: DrawerProps & { provider: Provider }) {
  const serverForm = useServerForm({
    initial: draftOfProvider(provider),
    fields: providerFields,
    read: (draft) => readProviderChange(provider, draft),
    mutation: changeProvider(provider.id),
    onClose,
    onDone,
  });
  const { form } = serverForm;
  return (
    <FormDrawer title={provider.name} action={actionOf(form.values)} serverForm={serverForm}>
      <Fields form={form} provider={provider} />
    </FormDrawer>
  );
}
