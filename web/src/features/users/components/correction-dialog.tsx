import { Alert, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { WALLET_TOKENS_MAX } from '../../../../../contracts/amounts.ts';
import type { UserWithWallet } from '../../../../../contracts/api/tenant/users.ts';
import type { WalletView } from '../../../../../contracts/api/wallet.ts';
import { currencyFor, formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatSigned, formatTokens } from '../../../lib/format.ts';
import { nameOf } from '../../../lib/person.ts';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { correctWallet } from '../api/users.ts';
import {
  type CorrectionDraft,
  type CorrectionKind,
  correctionFields,
  emptyCorrectionDraft,
  readCorrection,
  type WalletCorrection,
} from '../correction-draft.ts';

type FieldsProps = { form: UseFormReturnType<CorrectionDraft>; kind: CorrectionKind };

function Fields({ form, kind }: FieldsProps) {
  const { currency_name } = useCurrency();
  return (
    <>
      {kind === 'adjustment' && (
        <SegmentedControl
          fullWidth
          aria-label="Direction"
          data={[
            { value: 'add', label: 'Add' },
            { value: 'take', label: 'Take away' },
          ]}
          value={form.values.direction}
          onChange={(direction) => form.setFieldValue('direction', direction)}
        />
      )}
      <NumberInput
        label="Amount"
        suffix={` ${currency_name}`}
        min={1}
        max={WALLET_TOKENS_MAX}
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=","
        hideControls
        required
        data-autofocus
        {...form.getInputProps('amount')}
      />
      <TextInput
        label="Reason"
        description="The user sees it in their ledger."
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
    </>
  );
}

type Corrected = Pick<UserWithWallet, 'id' | 'name' | 'email' | 'wallet'>;

function Review({ user, correction }: { user: Corrected; correction: WalletCorrection }) {
  const { amount, reason, reference } = correction;
  const before = user.wallet?.available ?? null;
  const currency = useCurrency();
  return (
    <Stack>
      <div>
        <Text fz="1.75rem" fw={680} className="figure" lts="-0.02em">
          {formatSigned(amount)} {currencyFor(currency, amount)}
        </Text>
        <Text size="sm" c="dimmed" className="figure">
          {nameOf(user)}
          {before !== null &&
            ` · ${formatTokens(before)} available now, ${formatTokens(before + amount)} after`}
        </Text>
      </div>
      <div>
        <Text size="sm">{reason}</Text>
        {reference !== '' && (
          <Text size="sm" c="dimmed">
            {reference}
          </Text>
        )}
      </div>
      <Alert color="gray">Ledger entries cannot be changed. To correct a mistake, write another entry.</Alert>
    </Stack>
  );
}

type CorrectionDialogProps = {
  user: Corrected;
  kind: CorrectionKind;
  onClose: () => void;
  onDone: (wallet: WalletView) => void;
};

/** Adds to a wallet, or corrects it: the amount and the reason first, then a review of the entry. */
export function CorrectionDialog({ user, kind, onClose, onDone }: CorrectionDialogProps) {
  const currency = useCurrency();
  const serverForm = useServerForm({
    initial: emptyCorrectionDraft,
    fields: correctionFields,
    // One key for each review: sending it again after a broken connection writes nothing twice.
    read: (draft) => readCorrection(kind, draft, crypto.randomUUID()),
    mutation: correctWallet(user.id),
    isReviewed: () => true,
    onClose,
    onDone: ({ wallet }) => onDone(wallet),
  });
  return (
    <FormModal
      title={`${kind === 'credit' ? `Add ${currency.currency_name} for` : 'Adjust the balance of'} ${nameOf(user)}`}
      action="Review"
      serverForm={serverForm}
      review={(correction) => ({
        content: <Review user={user} correction={correction} />,
        action: `${correction.amount < 0 ? 'Take away' : 'Add'} ${formatAmount(Math.abs(correction.amount), currency)}`,
        isGrave: correction.amount < 0,
      })}
    >
      <Fields form={serverForm.form} kind={kind} />
    </FormModal>
  );
}
