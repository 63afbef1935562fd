import { Box, Drawer, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import type { UserDetail } from '../../../../../contracts/api/policies.ts';
import { nameOf } from '../../../lib/person.ts';
import { useSending } from '../../../lib/use-sending.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormFooter } from '../../../ui/form-footer.tsx';
import { PolicyInput } from '../../policy/components/policy-input.tsx';
import { overrideOf, ownFields } from '../../policy/override.ts';
import { type PolicyDraft, type PolicyErrors, readDraft } from '../../policy/policy-draft.ts';
import { fieldLabels, type PolicyField, policyFields, wordsOf } from '../../policy/policy-words.ts';
import { putOverride } from '../api/users.ts';
import classes from './override-drawer.module.css';

type FieldRowProps = {
  field: PolicyField;
  detail: UserDetail;
  isOwn: boolean;
  onOwn: (isOwn: boolean) => void;
  draft: PolicyDraft;
  error: string | undefined;
  onChange: (change: Partial<PolicyDraft>) => void;
};

function FieldRow({ field, detail, isOwn, onOwn, draft, error, onChange }: FieldRowProps) {
  return (
    <Box className={classes.row}>
      {isOwn ? (
        <PolicyInput field={field} draft={draft} error={error} onChange={onChange} />
      ) : (
        <div>
          <Text size="sm" fw={500}>
            {fieldLabels[field]}
          </Text>
          <Text size="sm" c="dimmed">
            {wordsOf(field, detail.level_policy)}
          </Text>
        </div>
      )}
      <Switch
        mt="xs"
        size="xs"
        label={`Inherit from ${detail.user.level.name}`}
        aria-label={`${fieldLabels[field]}: inherit from ${detail.user.level.name}`}
        checked={!isOwn}
        onChange={({ currentTarget }) => onOwn(!currentTarget.checked)}
      />
    </Box>
  );
}

type OverrideDrawerProps = {
  detail: UserDetail;
  onClose: () => void;
  onDone: (detail: UserDetail) => void;
};

/** What one person has instead of their level's policy, field by field. */
export function OverrideDrawer({ detail, onClose, onDone }: OverrideDrawerProps) {
  const [draft, setDraft] = useState<PolicyDraft>(detail.effective_policy);
  const [own, setOwn] = useState(() => new Set(ownFields(detail.override)));
  const [errors, setErrors] = useState<PolicyErrors>({});
  const { send, isSending, error } = useSending();

  function submit(event: React.FormEvent) {
    event.preventDefault();
    const read = readDraft(draft);
    setErrors(read.ok ? {} : read.errors);
    if (read.ok) send(() => putOverride(detail.user.id, overrideOf(own, read.policy)), onDone);
  }

  function choose(field: PolicyField, isOwn: boolean) {
    const next = new Set(own);
    if (isOwn) next.add(field);
    else next.delete(field);
    setOwn(next);
    // What is inherited is never wrong: an unfinished value of their own goes with the switch.
    if (!isOwn) setDraft({ ...draft, [field]: detail.level_policy[field] });
  }

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      styles={{ body: { paddingBottom: 0 } }}
      title={`Policy of ${nameOf(detail.user)}`}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap={0}>
          {policyFields.map((field) => (
            <FieldRow
              key={field}
              field={field}
              detail={detail}
              isOwn={own.has(field)}
              onOwn={(isOwn) => choose(field, isOwn)}
              draft={draft}
              error={errors[field]}
              onChange={(change) => setDraft({ ...draft, ...change })}
            />
          ))}
          {error !== null && (
            <Box my="md">
              <ErrorAlert error={error} />
            </Box>
          )}
          <FormFooter isSending={isSending} onCancel={onClose} />
        </Stack>
      </form>
    </Drawer>
  );
}
