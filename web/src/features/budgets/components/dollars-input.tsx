import { NumberInput, type NumberInputProps } from '@mantine/core';

/** Input of an amount in US dollars, exact to the micro-dollar. */
export const DollarsInput = (props: NumberInputProps) => (
  <NumberInput
    prefix="$"
    min={0}
    clampBehavior="none"
    decimalScale={6}
    allowNegative={false}
    thousandSeparator=","
    hideControls
    {...props}
  />
);
