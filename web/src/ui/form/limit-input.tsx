import { NumberInput, type NumberInputProps } from '@mantine/core';

/** A limit that may be left out: empty is none. The value of an empty field is a text. */
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
