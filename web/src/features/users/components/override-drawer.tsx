import { Box, Stack, Switch, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { UserDetail } from '../../../../../contracts/api/tenant/policies.ts';
import type { PolicyField } from '../../../../../contracts/wallet/policy-update.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { nameOf } from '../../../lib/person.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { PolicyInput } from '../../policy/components/policy-input.tsx';
import { draftOfOverride, type OverrideDraft, readOverride } from '../../policy/override-draft.ts';
import { fieldLabels, policyFields, wordsOf } from '../../policy/policy-words.ts';
import { setOverride } from '../api/users.ts';
import classes from './override-drawer.module.css';

type FieldRowProps = { field: PolicyField; detail: UserDetail; form: UseFormReturnType<OverrideDraft> };

function FieldRow({ field, detail, form }: FieldRowProps) {
  const currency = useCurrency();
  const { own } = form.values;
  const isOwn = own.includes(field);

  function choose(isOwnNow: boolean) {
    form.setFieldValue('own', isOwnNow ? [...own, field] : own.filter((other) => other !== field));
    // An inherited value is never wrong: an unfinished one of their own goes with the switch.
    if (!isOwnNow) form.setFieldValue(field, detail.level_policy[field]);
  }

  return (
    <Box className={classes.row}>
      {isOwn ? (
        <PolicyInput
          field={field}
          draft={form.values}
          error={form.errors[field]}
          onChange={(change) => form.setFieldValue(field, change[field] ?? form.values[field])}
        />
      ) : (
        <div>
          <Text size="sm" fw={500}>
            {fieldLabels[field]}
          </Text>
          <Text size="sm" c="dimmed">
            {wordsOf(field, detail.level_policy, currency)}
          </Text>
        </div>
      )}
      <Switch
        mt="xs"
        size="xs"
        label={`Inherit from ${detail.user.level.name}`}
        aria-label={`${fieldLabels[field]}: inherit from ${detail.user.level.name}`}
        checked={!isOwn}
        onChange={({ currentTarget }) => choose(!currentTarget.checked)}
      />
    </Box>
  );
}

type OverrideDrawerProps = { detail: UserDetail; onClose: () => void; onDone: (detail: UserDetail) => void };

/** A user's own values instead of their level's policy, field by field. */
export function OverrideDrawer({ detail, onClose, onDone }: OverrideDrawerProps) {
  const serverForm = useServerForm({
    initial: draftOfOverride(detail),
    fields: policyFields,
    read: readOverride,
    mutation: setOverride(detail.user.id),
    onClose,
    onDone,
  });
  return (
    <FormDrawer title={`Policy of ${nameOf(detail.user)}`} serverForm={serverForm}>
      <Stack gap={0}>
        {policyFields.map((field) => (
          <FieldRow key={field} field={field} detail={detail} form={serverForm.form} />
        ))}
      </Stack>
    </FormDrawer>
  );
}
