import { Checkbox, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import {
  type ApiKey,
  type ApiKeyWithSecret,
  apiKeyScope,
} from '../../../../../contracts/api/account/api-keys.ts';
import { currencyTitle, useCurrency } from '../../../lib/currency.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { LimitInput } from '../../../ui/form/limit-input.tsx';
import { ModelsInput } from '../../../ui/form/models-input.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { usableModelsQuery } from '../../executions/api/executions.ts';
import { changeApiKey, createApiKey } from '../api/api-keys.ts';
import {
  type ApiKeyDraft,
  apiKeyFields,
  draftOfKey,
  emptyApiKeyDraft,
  readKeyChange,
  readNewKey,
} from '../api-key-draft.ts';
import { scopeExplanations, scopeNames } from '../api-key-words.ts';
import { ExpiryInput } from './expiry-input.tsx';

type FieldsProps = { form: UseFormReturnType<ApiKeyDraft> };

function Scopes({ form }: FieldsProps) {
  return (
    <Checkbox.Group
      label="Permissions"
      description="Permissions cannot be changed later."
      {...form.getInputProps('scopes')}
    >
      <Stack gap={10} mt={8}>
        {apiKeyScope.options.map((scope) => (
          <Checkbox
            key={scope}
            value={scope}
            label={scopeNames[scope]}
            description={scopeExplanations[scope]}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

function Limits({ form }: FieldsProps) {
  const currency = useCurrency();
  const suffix = ` ${currency.currency_name}`;
  return (
    <>
      <LimitInput
        label="Budget per month"
        description="The most that the key can spend in a calendar month, in UTC."
        suffix={suffix}
        {...form.getInputProps('monthly_budget_tokens')}
      />
      <LimitInput
        label={`${currencyTitle(currency)} per minute`}
        description="The most that the key can spend in a clock minute."
        suffix={suffix}
        {...form.getInputProps('tokens_per_minute')}
      />
      <LimitInput
        label="Requests per minute"
        description="Executions in a clock minute."
        {...form.getInputProps('requests_per_minute')}
      />
    </>
  );
}

function Fields({ form, isNew }: FieldsProps & { isNew: boolean }) {
  const { data: models } = useQuery(usableModelsQuery);
  return (
    <>
      <TextInput
        label="Name"
        description="The program that uses the key."
        placeholder="Newsletter script"
        maxLength={100}
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      {isNew && <Scopes form={form} />}
      <ModelsInput
        label="Models"
        description="Models the key can use."
        placeholder="All models you can use"
        names={models?.map(({ name }) => name) ?? null}
        value={form.values.allowed_models}
        error={form.errors.allowed_models}
        onChange={(names) => form.setFieldValue('allowed_models', names)}
      />
      <ExpiryInput
        value={form.values.expires_at}
        error={form.errors.expires_at}
        onChange={(value) => form.setFieldValue('expires_at', value)}
      />
      <Limits form={form} />
      <Text size="xs" c="dimmed">
        The key spends from your wallet. Your own limits apply to it too.
      </Text>
    </>
  );
}

type NewKeyDrawerProps = { onClose: () => void; onDone: (key: ApiKeyWithSecret) => void };

/** Creates a key. `onDone` gets it with its secret, which is shown once. */
export function NewKeyDrawer({ onClose, onDone }: NewKeyDrawerProps) {
  const serverForm = useServerForm({
    initial: emptyApiKeyDraft,
    fields: apiKeyFields,
    read: (draft) => readNewKey(draft, Date.now()),
    mutation: createApiKey,
    onClose,
    onDone,
  });
  return (
    <FormDrawer title="New API key" action="Create the key" serverForm={serverForm}>
      <Fields form={serverForm.form} isNew />
    </FormDrawer>
  );
}

type EditKeyDrawerProps = { apiKey: ApiKey; onClose: () => void; onDone: (key: ApiKey) => void };

/** Changes a key: everything but its scopes and its secret. */
export function EditKeyDrawer({ apiKey, onClose, onDone }: EditKeyDrawerProps) {
  const serverForm = useServerForm({
    initial: draftOfKey(apiKey),
    fields: apiKeyFields,
    read: (draft) => readKeyChange(apiKey, draft, Date.now()),
    mutation: changeApiKey(apiKey.id),
    onClose,
    onDone,
  });
  return (
    <FormDrawer title={`Key “${apiKey.name}”`} serverForm={serverForm}>
      <Fields form={serverForm.form} isNew={false} />
    </FormDrawer>
  );
}
