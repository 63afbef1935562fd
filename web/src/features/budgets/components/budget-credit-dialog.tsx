import { Alert, Stack, Text, TextInput } from '@mantine/core';
import { formatMicroUsd } from '../../../lib/format.ts';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { creditBudget } from '../api/budgets.ts';
import { creditFields, emptyCreditDraft, readCredit } from '../budget-draft.ts';
import { DollarsInput } from './dollars-input.tsx';

type BudgetCreditDialogProps = {
  tenantId: string;
  tenantName: string;
  onClose: () => void;
  onDone: (amountMicroUsd: number) => void;
};

/** Adds to a prepaid balance: the amount and the reason first, then a review of the entry. */
export function BudgetCreditDialog({ tenantId, tenantName, onClose, onDone }: BudgetCreditDialogProps) {
  const serverForm = useServerForm({
    initial: emptyCreditDraft,
    fields: creditFields,
    // One key for each review: sending it again after a broken connection adds nothing twice.
    read: (draft) => readCredit(draft, crypto.randomUUID()),
    mutation: creditBudget(tenantId),
    isReviewed: () => true,
    onClose,
    onDone: ({ budget }) => onDone(budget.balance_micro_usd),
  });
  const { form } = serverForm;
  return (
    <FormModal
      title={`Add to the budget of ${tenantName}`}
      action="Review"
      serverForm={serverForm}
      review={({ amount_micro_usd, reason, reference }) => ({
        content: (
          <Stack>
            <Text fz="1.75rem" fw={680} className="figure" lts="-0.02em">
              {formatMicroUsd(amount_micro_usd)}
            </Text>
            <Text size="sm">{[reason, reference].filter((text) => text !== undefined).join(' · ')}</Text>
            <Alert color="gray">
              Ledger entries cannot be changed. To correct a mistake, set the balance.
            </Alert>
          </Stack>
        ),
        action: `Add ${formatMicroUsd(amount_micro_usd)}`,
      })}
    >
      <DollarsInput label="Amount" required data-autofocus {...form.getInputProps('amount_micro_usd')} />
      <TextInput
        label="Reason"
        description="It stays in the ledger."
        maxLength={500}
        required
        {...form.getInputProps('reason')}
      />
      <TextInput
        label="Reference"
        description="An invoice, ticket or payment. Optional."
        maxLength={200}
        {...form.getInputProps('reference')}
      />
    </FormModal>
  );
}
