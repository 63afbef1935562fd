import { Checkbox, Stack, Text, TextInput } from '@mantine/core';
import type { ApiKey, ApiKeyScope, ApiKeyWithSecret } from '../../../../../contracts/api/api-keys.ts';
import { apiKeyScope } from '../../../../../contracts/api/api-keys.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { useDraft } from '../../../lib/use-draft.ts';
import { FormDrawer } from '../../../ui/form-drawer.tsx';
import { LimitInput } from '../../../ui/limit-input.tsx';
import { ModelsInput } from '../../../ui/models-input.tsx';
import { fetchModels } from '../../executions/api/executions.ts';
import { patchApiKey, postApiKey } from '../api/api-keys.ts';
import {
  type ApiKeyDraft,
  type ApiKeyErrors,
  apiKeyFields,
  draftOfKey,
  emptyApiKeyDraft,
  readKeyChange,
  readNewKey,
} from '../api-key-draft.ts';
import { scopeExplanations, scopeNames } from '../api-key-words.ts';
import { ExpiryInput } from './expiry-input.tsx';

type FieldsProps = {
  draft: ApiKeyDraft;
  errors: ApiKeyErrors;
  change: (part: Partial<ApiKeyDraft>) => void;
};

function Scopes({ draft, errors, change }: FieldsProps) {
  return (
    <Checkbox.Group
      label="What it may do"
      description="For good: another key can have others."
      value={draft.scopes}
      error={errors.scopes}
      onChange={(scopes) => change({ scopes: scopes as ApiKeyScope[] })}
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

function Limits({ draft, errors, change }: FieldsProps) {
  return (
    <>
      <LimitInput
        label="Budget per month"
        description="Wallet tokens in a calendar month, in UTC."
        suffix=" tokens"
        value={draft.monthly_budget_tokens}
        error={errors.monthly_budget_tokens}
        onChange={(monthly_budget_tokens) => change({ monthly_budget_tokens })}
      />
      <LimitInput
        label="Tokens per minute"
        description="Wallet tokens in a clock minute."
        suffix=" tokens"
        value={draft.tokens_per_minute}
        error={errors.tokens_per_minute}
        onChange={(tokens_per_minute) => change({ tokens_per_minute })}
      />
      <LimitInput
        label="Requests per minute"
        description="Executions in a clock minute."
        value={draft.requests_per_minute}
        error={errors.requests_per_minute}
        onChange={(requests_per_minute) => change({ requests_per_minute })}
      />
    </>
  );
}

function Fields({ isNew, ...form }: FieldsProps & { isNew: boolean }) {
  const { draft, errors, change } = form;
  const { value: models } = useAnswer(fetchModels);
  return (
    <>
      <TextInput
        label="Name"
        description="What uses it, to know it again."
        placeholder="Newsletter script"
        maxLength={100}
        required
        data-autofocus
        value={draft.name}
        error={errors.name}
        onChange={({ currentTarget }) => change({ name: currentTarget.value })}
      />
      {isNew && <Scopes {...form} />}
      <ModelsInput
        label="Models"
        description="What it may call."
        placeholder="All that you may use"
        names={models?.items.map(({ name }) => name) ?? null}
        value={draft.allowed_models}
        error={errors.allowed_models}
        onChange={(allowed_models) => change({ allowed_models })}
      />
      <ExpiryInput
        value={draft.expires_at}
        error={errors.expires_at}
        onChange={(expires_at) => change({ expires_at })}
      />
      <Limits {...form} />
      <Text size="xs" c="dimmed">
        It spends from your wallet, so it can never spend more than you.
      </Text>
    </>
  );
}

type NewKeyDrawerProps = { onClose: () => void; onDone: (key: ApiKeyWithSecret) => void };

/** Makes a key. Its secret is handed on once. */
export function NewKeyDrawer({ onClose, onDone }: NewKeyDrawerProps) {
  const { draft, errors, change, submit, isSending, rest } = useDraft(emptyApiKeyDraft, apiKeyFields);
  return (
    <FormDrawer
      title="New API key"
      action="Create the key"
      isSending={isSending}
      error={rest}
      onSubmit={() => submit(readNewKey(draft, Date.now()), postApiKey, onDone)}
      onClose={onClose}
    >
      <Fields draft={draft} errors={errors} change={change} isNew />
    </FormDrawer>
  );
}

type EditKeyDrawerProps = { apiKey: ApiKey; onClose: () => void; onDone: (key: ApiKey) => void };

/** Changes what may be changed of a key: everything but its scopes and its secret. */
export function EditKeyDrawer({ apiKey, onClose, onDone }: EditKeyDrawerProps) {
  const { draft, errors, change, submit, isSending, rest } = useDraft(draftOfKey(apiKey), apiKeyFields);

  function save() {
    const read = readKeyChange(apiKey, draft, Date.now());
    if (read.ok && Object.keys(read.value).length === 0) onClose();
    else submit(read, (patch) => patchApiKey(apiKey.id, patch), onDone);
  }

  return (
    <FormDrawer
      title={`Key “${apiKey.name}”`}
      isSending={isSending}
      error={rest}
      onSubmit={save}
      onClose={onClose}
    >
      <Fields draft={draft} errors={errors} change={change} isNew={false} />
    </FormDrawer>
  );
}
