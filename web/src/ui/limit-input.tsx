import { NumberInput } from '@mantine/core';

type LimitInputProps = {
  label: string;
  description: string;
  /** A text while the field is empty. */
  value: number | string;
  suffix?: string;
  error: string | undefined;
  onChange: (value: number | string) => void;
};

/** A limit that may be left out: empty is none. */
export function LimitInput({ value, suffix = '', ...props }: LimitInputProps) {
  return (
    <NumberInput
      {...props}
      placeholder="No limit"
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      suffix={suffix}
      hideControls
      value={value}
    />
  );
}
