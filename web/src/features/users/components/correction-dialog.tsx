import {
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { WALLET_TOKENS_MAX } from '../../../../../contracts/amounts.ts';
import type { UserWithWallet } from '../../../../../contracts/api/users.ts';
import type { Wallet } from '../../../../../contracts/api/wallet.ts';
import { formatSigned, formatTokens } from '../../../lib/format.ts';
import { nameOf } from '../../../lib/person.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { postCorrection, type WalletCorrection } from '../api/users.ts';

type CorrectionDialogProps = {
  user: UserWithWallet;
  kind: WalletCorrection['kind'];
  onClose: () => void;
  onDone: (wallet: Wallet) => void;
};

type Draft = { direction: 'add' | 'take'; amount: number | string; reason: string; reference: string };

const emptyDraft: Draft = { direction: 'add', amount: '', reason: '', reference: '' };

function AmountForm({ kind, draft, onNext, onCancel }: AmountFormProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: draft,
    validate: {
      amount: (value) =>
        typeof value === 'number' && Number.isInteger(value) && value >= 1
          ? null
          : 'Enter a whole number of tokens, at least 1',
      reason: (value) => (value.trim() === '' ? 'Say why: it stands in the ledger for good' : null),
    },
  });
  return (
    <form onSubmit={form.onSubmit(onNext)} noValidate>
      <Stack>
        {kind === 'adjustment' && (
          <SegmentedControl
            fullWidth
            aria-label="Direction"
            data={[
              { value: 'add', label: 'Add' },
              { value: 'take', label: 'Take away' },
            ]}
            key={form.key('direction')}
            {...form.getInputProps('direction')}
          />
        )}
        <NumberInput
          label="Tokens"
          min={1}
          max={WALLET_TOKENS_MAX}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          hideControls
          required
          data-autofocus
          key={form.key('amount')}
          {...form.getInputProps('amount')}
        />
        <TextInput
          label="Reason"
          description="The person sees it in their ledger."
          maxLength={500}
          required
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <TextInput
          label="Reference"
          description="An invoice, ticket or payment. Optional."
          maxLength={200}
          key={form.key('reference')}
          {...form.getInputProps('reference')}
        />
        <Group justify="end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit">Review</Button>
        </Group>
      </Stack>
    </form>
  );
}

type AmountFormProps = {
  kind: WalletCorrection['kind'];
  draft: Draft;
  onNext: (draft: Draft) => void;
  onCancel: () => void;
};

function Review({ user, correction, onBack, onDone }: ReviewProps) {
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const { amount, reason, reference } = correction;
  const before = user.wallet?.available ?? null;

  async function confirm() {
    setSending(true);
    setError(null);
    try {
      onDone((await postCorrection(correction)).wallet);
    } catch (caught) {
      setError(caught as Error);
      setSending(false);
    }
  }

  return (
    <Stack>
      <div>
        <Text fz="1.75rem" fw={680} className="figure" lts="-0.02em">
          {formatSigned(amount)} tokens
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
      <Alert color="gray">
        Entries of the ledger cannot be changed. A mistake is corrected by another entry.
      </Alert>
      {error !== null && <ErrorAlert error={error} />}
      <Group justify="end">
        <Button variant="default" onClick={onBack} disabled={sending}>
          Back
        </Button>
        <Button onClick={confirm} loading={sending} color={amount < 0 ? 'red.9' : 'brand'} data-autofocus>
          {amount < 0 ? 'Take away' : 'Add'} {formatTokens(Math.abs(amount))} tokens
        </Button>
      </Group>
    </Stack>
  );
}

type ReviewProps = {
  user: UserWithWallet;
  correction: WalletCorrection;
  onBack: () => void;
  onDone: (wallet: Wallet) => void;
};

/** Adds to a wallet, or corrects it: first the amount and the reason, then a look at what will be written. */
export function CorrectionDialog({ user, kind, onClose, onDone }: CorrectionDialogProps) {
  const [draft, setDraft] = useState(emptyDraft);
  const [correction, setCorrection] = useState<WalletCorrection | null>(null);

  function review(next: Draft) {
    setDraft(next);
    const amount = Number(next.amount) * (kind === 'adjustment' && next.direction === 'take' ? -1 : 1);
    setCorrection({
      kind,
      user_id: user.id,
      amount,
      reason: next.reason.trim(),
      reference: next.reference.trim(),
      // One key for what is reviewed now: pressing the button again after a broken connection does nothing twice.
      idempotency_key: crypto.randomUUID(),
    });
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={`${kind === 'credit' ? 'Add tokens for' : 'Adjust the balance of'} ${nameOf(user)}`}
    >
      {correction === null ? (
        <AmountForm kind={kind} draft={draft} onNext={review} onCancel={onClose} />
      ) : (
        <Review user={user} correction={correction} onBack={() => setCorrection(null)} onDone={onDone} />
      )}
    </Modal>
  );
}
