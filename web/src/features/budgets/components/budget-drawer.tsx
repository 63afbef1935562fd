import { Group, NumberInput, Radio, Stack, TagsInput, Text, TextInput, VisuallyHidden } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconArrowRight } from '@tabler/icons-react';
import type { SetTenantBudget, TenantBudget } from '../../../../../contracts/api/tenant/budgets.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { readPercents } from '../../policy/policy-draft.ts';
import { setBudget } from '../api/budgets.ts';
import { amountOf, type BudgetDraft, budgetFields, draftOf, readBudget } from '../budget-draft.ts';
import {
  changedTerms,
  enforcementExplanations,
  enforcementNames,
  modeExplanations,
  modeNames,
} from '../budget-words.ts';
import { DollarsInput } from './dollars-input.tsx';

type FieldsProps = { form: UseFormReturnType<BudgetDraft> };

function ModeFields({ form }: FieldsProps) {
  const { mode } = form.values;
  return (
    <>
      <Radio.Group
        label="Kind of budget"
        value={mode}
        onChange={(value) => form.setFieldValue('mode', value as BudgetDraft['mode'])}
      >
        <Stack gap={8} mt={8}>
          {(['monthly', 'prepaid'] as const).map((name) => (
            <Radio key={name} value={name} label={modeNames[name]} description={modeExplanations[name]} />
          ))}
        </Stack>
      </Radio.Group>
      {mode === 'monthly' ? (
        <DollarsInput
          key="limit"
          label="Limit of each month"
          description="An increase applies at once, and so does a decrease."
          required
          {...form.getInputProps('limit_micro_usd')}
        />
      ) : (
        <DollarsInput
          key="balance"
          label="Balance"
          description="What is left to spend from now on. It stays as it is unless you change it."
          required
          {...form.getInputProps('balance_micro_usd')}
        />
      )}
    </>
  );
}

function LimitFields({ form }: FieldsProps) {
  return (
    <>
      <Radio.Group
        label="Limit"
        value={form.values.enforcement}
        onChange={(value) => form.setFieldValue('enforcement', value as BudgetDraft['enforcement'])}
      >
        <Stack gap={8} mt={8}>
          {(['hard', 'warn', 'monitor'] as const).map((name) => (
            <Radio
              key={name}
              value={name}
              label={enforcementNames[name]}
              description={enforcementExplanations[name]}
            />
          ))}
        </Stack>
      </Radio.Group>
      <TagsInput
        label="Warnings"
        description="Percentages of the budget at which to warn, each once."
        placeholder="Add a percent"
        data={['50 %', '80 %', '90 %', '95 %', '100 %']}
        value={form.values.warning_thresholds_percent.map((percent) => `${percent} %`)}
        error={form.errors.warning_thresholds_percent}
        maxTags={10}
        acceptValueOnBlur
        comboboxProps={{ withinPortal: false }}
        onChange={(texts) => form.setFieldValue('warning_thresholds_percent', readPercents(texts))}
      />
    </>
  );
}

function PriceFields({ form }: FieldsProps) {
  return (
    <>
      <NumberInput
        label="Markup"
        description="Added to the provider's price on the platform's keys."
        suffix=" %"
        min={0}
        clampBehavior="none"
        decimalScale={2}
        allowNegative={false}
        thousandSeparator=","
        hideControls
        required
        {...form.getInputProps('markup_basis_points')}
      />
      <DollarsInput
        label="Fee on own keys"
        description="For each execution on the tenant's own provider keys. 0 for none."
        required
        {...form.getInputProps('own_key_fee_micro_usd')}
      />
      <TextInput
        label="Reason"
        description="It stays in the ledger. Optional."
        maxLength={500}
        {...form.getInputProps('reason')}
      />
    </>
  );
}

function Review({ budget, change }: { budget: TenantBudget; change: SetTenantBudget }) {
  const before = { ...budget, amount_micro_usd: amountOf(budget) };
  const after = {
    mode: change.mode,
    enforcement: change.enforcement,
    warning_thresholds_percent: change.warning_thresholds_percent ?? budget.warning_thresholds_percent,
    markup_basis_points: change.markup_basis_points ?? budget.markup_basis_points,
    own_key_fee_micro_usd: change.own_key_fee_micro_usd ?? budget.own_key_fee_micro_usd,
    amount_micro_usd: amountOf(budget, change),
  };
  const changes = changedTerms(before, after);
  return (
    <Stack>
      {changes.length === 0 && <Text size="sm">Nothing changes.</Text>}
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {changes.map(({ label, from, to }) => (
          <li key={label}>
            <Text size="xs" c="dimmed" fw={550}>
              {label}
            </Text>
            <Group gap={6}>
              <Text size="sm" td="line-through" c="dimmed" className="figure">
                <VisuallyHidden>from </VisuallyHidden>
                {from}
              </Text>
              <IconArrowRight size={14} aria-hidden />
              <Text size="sm" fw={600} className="figure">
                <VisuallyHidden>to </VisuallyHidden>
                {to}
              </Text>
            </Group>
          </li>
        ))}
      </Stack>
      {change.reason !== undefined && <Text size="sm">{change.reason}</Text>}
    </Stack>
  );
}

type BudgetDrawerProps = {
  tenantId: string;
  tenantName: string;
  budget: TenantBudget;
  onClose: () => void;
  onDone: () => void;
};

/** Edits the budget of a tenant. The change is reviewed before it is sent. */
export function BudgetDrawer({ tenantId, tenantName, budget, onClose, onDone }: BudgetDrawerProps) {
  const serverForm = useServerForm({
    initial: draftOf(budget),
    fields: budgetFields,
    // One key for each review: sending it again after a broken connection changes nothing twice.
    read: (draft) => readBudget(budget, draft, crypto.randomUUID()),
    mutation: setBudget(tenantId),
    isReviewed: () => true,
    onClose,
    onDone,
  });
  return (
    <FormDrawer
      title={`Budget of ${tenantName}`}
      action="Review"
      serverForm={serverForm}
      review={({ change }) => ({
        content: <Review budget={budget} change={change} />,
        action: 'Set the budget',
      })}
    >
      <ModeFields form={serverForm.form} />
      <LimitFields form={serverForm.form} />
      <PriceFields form={serverForm.form} />
    </FormDrawer>
  );
}
