import { NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Provider, ProviderTest } from '../../../../../contracts/api/catalog.ts';
import { providerKindIds, providerKinds } from '../../../../../contracts/provider-kinds.ts';
import type { ProviderKind } from '../../../../../contracts/usage.ts';
import { refusalOf } from '../../../lib/form-errors.ts';
import { useDraft } from '../../../lib/use-draft.ts';
import { useSending } from '../../../lib/use-sending.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormDrawer } from '../../../ui/form-drawer.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { patchProvider, postProvider, postProviderTest } from '../api/providers.ts';
import {
  draftOfProvider,
  emptyProviderDraft,
  type ProviderDraft,
  type ProviderErrors,
  providerFields,
  readNewProvider,
  readProviderChange,
  readProviderTest,
} from '../provider-draft.ts';
import { TestCall } from './provider-test.tsx';

const kinds = providerKindIds.map((value) => ({ value, label: providerKinds[value].label }));

type FieldsProps = {
  draft: ProviderDraft;
  errors: ProviderErrors;
  change: (part: Partial<ProviderDraft>) => void;
};

function Address({ draft, errors, change, isNew }: FieldsProps & { isNew: boolean }) {
  return (
    <>
      <NativeSelect
        label="Kind"
        description={`${providerKinds[draft.kind].help}${isNew ? '' : ' The kind cannot be changed.'}`}
        data={kinds}
        disabled={!isNew}
        value={draft.kind}
        error={errors.kind}
        onChange={({ currentTarget }) => change({ kind: currentTarget.value as ProviderKind })}
      />
      <TextInput
        type="url"
        label="Base URL"
        description={
          isNew
            ? 'Empty is the official address.'
            : 'Empty is the official address. Another one takes the key again.'
        }
        placeholder={providerKinds[draft.kind].official_base_url}
        maxLength={500}
        value={draft.base_url}
        error={errors.base_url}
        onChange={({ currentTarget }) => change({ base_url: currentTarget.value })}
      />
    </>
  );
}

type CredentialProps = FieldsProps & { hasKey: boolean; needsKey: boolean };

function Credential({ draft, errors, change, hasKey, needsKey }: CredentialProps) {
  const { label } = providerKinds[draft.kind].credential_fields.api_key;
  return (
    <>
      <PasswordInput
        label={hasKey ? `Replace the ${label.toLowerCase()}` : label}
        description={
          hasKey
            ? 'Empty keeps the one it has. A new one is tested, then kept encrypted and never shown again.'
            : 'It is tested, then kept encrypted and never shown again.'
        }
        placeholder={needsKey ? undefined : "The platform's own"}
        required={needsKey && !hasKey}
        autoComplete="off"
        maxLength={1_000}
        value={draft.api_key}
        error={errors.api_key}
        onChange={({ currentTarget }) => change({ api_key: currentTarget.value })}
      />
      {draft.base_url.trim() !== '' && draft.api_key !== '' && (
        <TextInput
          label="Model for the test"
          description="For servers that list no models: it gets one tiny prompt. Optional."
          maxLength={200}
          value={draft.test_model}
          error={errors.test_model}
          onChange={({ currentTarget }) => change({ test_model: currentTarget.value })}
        />
      )}
    </>
  );
}

/** A test of what the draft says. Its outcome is forgotten once that says something else. */
function useTestCall(draft: ProviderDraft) {
  const { send, isSending, error } = useSending();
  const [tested, setTested] = useState<{ of: string; result: ProviderTest } | null>(null);
  const read = readProviderTest(draft);
  const of = JSON.stringify(read);
  const [askedOf, setAskedOf] = useState(of);
  const refusal = refusalOf(askedOf === of ? error : null, providerFields);
  return {
    result: tested?.of === of ? tested.result : null,
    isTesting: isSending,
    isDisabled: !read.ok,
    errors: refusal.errors,
    rest: refusal.rest,
    onTest() {
      if (!read.ok) return;
      setAskedOf(of);
      send(
        () => postProviderTest(read.value),
        (result) => setTested({ of, result }),
      );
    },
  };
}

type ProviderDrawerProps = {
  /** null for a new one. */
  provider: Provider | null;
  onClose: () => void;
  onDone: (provider: Provider) => void;
};

/** Adds a provider, or changes one: where it is, as whom it is called, and when it is tried. */
export function ProviderDrawer({ provider, onClose, onDone }: ProviderDrawerProps) {
  const isPlatform = useUser().role === 'superadmin';
  const initial = provider === null ? emptyProviderDraft : draftOfProvider(provider);
  const { draft, change, submit, isSending, errors, rest } = useDraft(initial, providerFields);
  const { errors: testErrors, rest: testRest, ...test } = useTestCall(draft);
  const needsKey = !isPlatform || draft.base_url.trim() !== '';
  const fields = { draft, change, errors: { ...testErrors, ...errors } };

  function save() {
    if (provider === null) return submit(readNewProvider(draft, needsKey), postProvider, onDone);
    const read = readProviderChange(provider, draft);
    if (read.ok && Object.keys(read.value).length === 0) return onClose();
    submit(read, (patch) => patchProvider(provider.id, patch), onDone);
  }

  return (
    <FormDrawer
      title={provider === null ? 'New provider' : provider.name}
      action={draft.api_key === '' ? 'Save' : 'Test and save'}
      isSending={isSending}
      error={rest}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Shown with every answer it gives."
        maxLength={100}
        required
        data-autofocus
        value={draft.name}
        error={errors.name}
        onChange={({ currentTarget }) => change({ name: currentTarget.value })}
      />
      <Address {...fields} isNew={provider === null} />
      <Credential {...fields} hasKey={provider?.key === 'own'} needsKey={needsKey} />
      {draft.api_key !== '' && <TestCall {...test} />}
      {testRest !== null && <ErrorAlert error={testRest} />}
      <NumberInput
        label="Priority"
        description="Lower is tried first."
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
        description="Models of a disabled provider are not served by it."
        checked={draft.enabled}
        onChange={({ currentTarget }) => change({ enabled: currentTarget.checked })}
      />
    </FormDrawer>
  );
}
