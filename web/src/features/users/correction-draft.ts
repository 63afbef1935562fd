import { adjustmentRequest, creditRequest } from '../../../../contracts/api/wallet.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** A correction of a wallet while it is being filled in. Pure. */

/** A credit adds to the balance; an adjustment corrects, up or down. */
export type CorrectionKind = 'credit' | 'adjustment';

export type WalletCorrection = {
  kind: CorrectionKind;
  /** Wallet tokens; negative for an adjustment that takes. */
  amount: number;
  reason: string;
  /** Empty for none. */
  reference: string;
  /** Sending the same key again does nothing twice. */
  idempotency_key: string;
};

/** An emptied number field holds a text. */
export type CorrectionDraft = {
  direction: 'add' | 'take';
  amount: number | string;
  reason: string;
  reference: string;
};

export const emptyCorrectionDraft: CorrectionDraft = {
  direction: 'add',
  amount: '',
  reason: '',
  reference: '',
};

export const correctionFields = ['amount', 'reason', 'reference'] as const;
type CorrectionField = (typeof correctionFields)[number];

const fieldRules: Record<CorrectionField, string> = {
  amount: 'Enter a whole number, at least 1',
  reason: 'Enter a reason. It stays in the ledger.',
  reference: 'At most 200 characters',
};

/** The correction of a draft, or an error for each field that is wrong. */
export function readCorrection(
  kind: CorrectionKind,
  { direction, amount, reason, reference }: CorrectionDraft,
  idempotency_key: string,
): FormRead<WalletCorrection, CorrectionField> {
  const takes = kind === 'adjustment' && direction === 'take';
  const request = {
    reason: reason.trim(),
    ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
  };
  // The sign is the direction's: an amount is entered without one.
  const size = typeof amount === 'number' && amount >= 1 ? amount : null;
  const signed = { ...request, amount: size !== null && takes ? -size : size };
  const read = readForm(kind === 'credit' ? creditRequest : adjustmentRequest, signed, fieldRules);
  if (!read.ok) return read;
  return { ok: true, value: { ...read.value, kind, reference: read.value.reference ?? '', idempotency_key } };
}
