import { Alert, Button, Drawer, Group, Stack } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import type { Level, TokenPolicy } from '../../../../../contracts/api/policies.ts';
import { formatTokens } from '../../../lib/format.ts';
import { useSending } from '../../../lib/use-sending.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormFooter } from '../../../ui/form-footer.tsx';
import { PolicyChanges } from '../../policy/components/policy-changes.tsx';
import { PolicyInput } from '../../policy/components/policy-input.tsx';
import { type PolicyDraft, type PolicyErrors, readDraft } from '../../policy/policy-draft.ts';
import { changedFields, isDecisive, policyFields } from '../../policy/policy-words.ts';
import { putLevelPolicy } from '../api/levels.ts';

type Answer = Awaited<ReturnType<typeof putLevelPolicy>>;
type LevelPolicyDrawerProps = { level: Level; onClose: () => void; onDone: (answer: Answer) => void };

type EditProps = {
  draft: PolicyDraft;
  onDraft: (draft: PolicyDraft) => void;
  onNext: (policy: TokenPolicy) => void;
  onCancel: () => void;
  isSending: boolean;
};

function Edit({ draft, onDraft, onNext, onCancel, isSending }: EditProps) {
  const [errors, setErrors] = useState<PolicyErrors>({});
  const shown = policyFields.filter((field) => field !== 'rollover_cap_tokens' || draft.mode === 'monthly');

  function submit(event: React.FormEvent) {
    event.preventDefault();
    const read = readDraft(draft);
    setErrors(read.ok ? {} : read.errors);
    if (read.ok) onNext(read.policy);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {shown.map((field) => (
          <PolicyInput
            key={field}
            field={field}
            draft={draft}
            error={errors[field]}
            onChange={(change) => onDraft({ ...draft, ...change })}
          />
        ))}
        <FormFooter isSending={isSending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

type ConfirmProps = {
  level: Level;
  policy: TokenPolicy;
  onBack: () => void;
  onConfirm: () => void;
  isSending: boolean;
};

function Confirm({ level, policy, onBack, onConfirm, isSending }: ConfirmProps) {
  const people = level.user_count === 1 ? '1 person' : `${formatTokens(level.user_count)} people`;
  return (
    <Stack>
      <Alert color="yellow" icon={<IconUsers aria-hidden />} title={`This changes what ${people} can spend`}>
        Their wallets obey at once. Who has a value of their own keeps it.
      </Alert>
      <PolicyChanges before={level.policy} after={policy} />
      <Group justify="end" pb="md">
        <Button variant="default" onClick={onBack} disabled={isSending}>
          Back
        </Button>
        <Button onClick={onConfirm} loading={isSending} data-autofocus>
          Change for {people}
        </Button>
      </Group>
    </Stack>
  );
}

/** Edits a level's policy. What decides how much its people can spend is looked at a second time. */
export function LevelPolicyDrawer({ level, onClose, onDone }: LevelPolicyDrawerProps) {
  const [draft, setDraft] = useState<PolicyDraft>(level.policy);
  const [reviewed, setReviewed] = useState<TokenPolicy | null>(null);
  const { send, isSending, error } = useSending();

  const save = (policy: TokenPolicy) => send(() => putLevelPolicy(level.id, policy), onDone);

  function next(policy: TokenPolicy) {
    const fields = changedFields(level.policy, policy);
    if (fields.length === 0) onClose();
    else if (level.user_count > 0 && isDecisive(fields)) setReviewed(policy);
    else save(policy);
  }

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      styles={{ body: { paddingBottom: 0 } }}
      title={`Policy of ${level.name}`}
    >
      <Stack>
        {error !== null && <ErrorAlert error={error} />}
        {reviewed === null ? (
          <Edit draft={draft} onDraft={setDraft} onNext={next} onCancel={onClose} isSending={isSending} />
        ) : (
          <Confirm
            level={level}
            policy={reviewed}
            onBack={() => setReviewed(null)}
            onConfirm={() => save(reviewed)}
            isSending={isSending}
          />
        )}
      </Stack>
    </Drawer>
  );
}
