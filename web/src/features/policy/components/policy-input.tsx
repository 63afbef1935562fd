import { NumberInput, Radio, Stack, TagsInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { WALLET_TOKENS_MAX } from '../../../../../contracts/amounts.ts';
import type { PolicyField } from '../../../../../contracts/wallet/policy-update.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { type PolicyDraft, readPercents } from '../policy-draft.ts';
import {
  enforcementExplanations,
  enforcementNames,
  fieldExplanations,
  fieldLabels,
  modeNames,
} from '../policy-words.ts';
import { DurationInput } from './duration-input.tsx';

type PolicyInputProps = {
  field: PolicyField;
  draft: PolicyDraft;
  error: ReactNode;
  onChange: (change: Partial<PolicyDraft>) => void;
};

type NumberField = 'allocation_tokens' | 'rollover_cap_tokens' | 'in_flight_max';

const numberBounds: Record<NumberField, { min: number; max: number }> = {
  allocation_tokens: { min: 0, max: WALLET_TOKENS_MAX },
  rollover_cap_tokens: { min: 0, max: WALLET_TOKENS_MAX },
  in_flight_max: { min: 1, max: 10_000 },
};

function NumberField({ field, draft, error, onChange }: PolicyInputProps & { field: NumberField }) {
  const { currency_name } = useCurrency();
  return (
    <NumberInput
      label={fieldLabels[field]}
      description={fieldExplanations[field]}
      {...numberBounds[field]}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      suffix={field === 'in_flight_max' ? '' : ` ${currency_name}`}
      hideControls
      value={draft[field]}
      error={error}
      onChange={(value) => onChange({ [field]: value })}
    />
  );
}

function ModeField({ draft, onChange }: PolicyInputProps) {
  return (
    <Radio.Group
      label={fieldLabels.mode}
      description={fieldExplanations.mode}
      value={draft.mode}
      onChange={(value) => onChange({ mode: value as PolicyDraft['mode'] })}
    >
      <Stack gap={8} mt={8}>
        {(['monthly', 'lifetime'] as const).map((mode) => (
          <Radio key={mode} value={mode} label={modeNames[mode]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function EnforcementField({ draft, onChange }: PolicyInputProps) {
  return (
    <Radio.Group
      label={fieldLabels.enforcement}
      description={fieldExplanations.enforcement}
      value={draft.enforcement}
      onChange={(value) => onChange({ enforcement: value as PolicyDraft['enforcement'] })}
    >
      <Stack gap={8} mt={8}>
        {(['hard', 'warn', 'monitor'] as const).map((enforcement) => (
          <Radio
            key={enforcement}
            value={enforcement}
            label={enforcementNames[enforcement]}
            description={enforcementExplanations[enforcement]}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function ThresholdsField({ draft, error, onChange }: PolicyInputProps) {
  return (
    <TagsInput
      label={fieldLabels.warning_thresholds_percent}
      description={fieldExplanations.warning_thresholds_percent}
      placeholder="Add a percent"
      data={['50 %', '80 %', '90 %', '95 %', '100 %']}
      value={draft.warning_thresholds_percent.map((percent) => `${percent} %`)}
      error={error}
      maxTags={10}
      acceptValueOnBlur
      comboboxProps={{ withinPortal: false }}
      onChange={(texts) => onChange({ warning_thresholds_percent: readPercents(texts) })}
    />
  );
}

/** The control of one field of a token policy, with its explanation. */
export function PolicyInput(props: PolicyInputProps) {
  const { field, draft, error, onChange } = props;
  switch (field) {
    case 'mode':
      return <ModeField {...props} />;
    case 'enforcement':
      return <EnforcementField {...props} />;
    case 'warning_thresholds_percent':
      return <ThresholdsField {...props} />;
    case 'reservation_lifetime_ms':
      return (
        <DurationInput
          label={fieldLabels[field]}
          description={fieldExplanations[field]}
          valueMs={draft[field]}
          error={error}
          onChange={(valueMs) => onChange({ reservation_lifetime_ms: valueMs })}
        />
      );
    default:
      return <NumberField {...props} field={field} />;
  }
}
