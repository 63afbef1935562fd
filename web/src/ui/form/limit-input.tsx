import { NumberInput, type NumberInputProps } from '@mantine/core';

/** An optional limit; empty means no limit. The value of an empty field is a string. */
export function LimitInput(props: NumberInputProps) {
  return (
    <NumberInput
      placeholder="No limit"
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      hideControls
      {...props}
    />
  );
}
