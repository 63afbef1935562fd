import { Alert, Stack } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import type { TokenPolicy } from '../../../../../contracts/api/tenant/policies.ts';
import { formatTokens } from '../../../lib/format.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { PolicyChanges } from '../../policy/components/policy-changes.tsx';
import { PolicyInput } from '../../policy/components/policy-input.tsx';
import { type PolicyDraft, readDraft } from '../../policy/policy-draft.ts';
import { changedFields, isDecisive, policyFields } from '../../policy/policy-words.ts';
import { type LevelPolicyAnswer, setLevelPolicy } from '../api/levels.ts';

type ReviewProps = { level: Level; policy: TokenPolicy; users: string };

function Review({ level, policy, users }: ReviewProps) {
  return (
    <Stack>
      <Alert color="yellow" icon={<IconUsers aria-hidden />} title={`This changes the limits of ${users}`}>
        The new policy applies at once. Values set for a single user stay.
      </Alert>
      <PolicyChanges before={level.policy} after={policy} />
    </Stack>
  );
}

type LevelPolicyDrawerProps = {
  level: Level;
  onClose: () => void;
  onDone: (answer: LevelPolicyAnswer) => void;
};

/** Edits a level's policy. A change of what its users can spend is reviewed before it is sent. */
export function LevelPolicyDrawer({ level, onClose, onDone }: LevelPolicyDrawerProps) {
  const initial: PolicyDraft = level.policy;
  const serverForm = useServerForm({
    initial,
    fields: policyFields,
    read: readDraft,
    mutation: setLevelPolicy(level.id),
    isReviewed: (policy) => level.user_count > 0 && isDecisive(changedFields(level.policy, policy)),
    onClose,
    onDone,
  });
  const { form } = serverForm;
  const users = level.user_count === 1 ? '1 user' : `${formatTokens(level.user_count)} users`;
  const shown = policyFields.filter(
    (field) => field !== 'rollover_cap_tokens' || form.values.mode === 'monthly',
  );
  return (
    <FormDrawer
      title={`Policy of ${level.name}`}
      serverForm={serverForm}
      review={(policy) => ({
        content: <Review level={level} policy={policy} users={users} />,
        action: `Change for ${users}`,
      })}
    >
      {shown.map((field) => (
        <PolicyInput
          key={field}
          field={field}
          draft={form.values}
          error={form.errors[field]}
          onChange={(change) => form.setFieldValue(field, change[field] ?? form.values[field])}
        />
      ))}
    </FormDrawer>
  );
}
