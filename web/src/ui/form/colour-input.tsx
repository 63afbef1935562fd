import { TextInput, type TextInputProps } from '@mantine/core';
import type { ChangeEvent } from 'react';
import classes from './colour-input.module.css';

const HEX = /^#[0-9a-f]{6}$/i;

type ColourInputProps = Omit<TextInputProps, 'value' | 'onChange'> & {
  value?: string;
  onChange?: (event: ChangeEvent<HTMLInputElement>) => void;
};

/** A colour as # and six hex digits, typed or chosen in the browser's picker. */
export function ColourInput({ value = '', onChange, ...props }: ColourInputProps) {
  return (
    <TextInput
      {...props}
      value={value}
      onChange={onChange}
      maxLength={7}
      spellCheck={false}
      styles={{ wrapper: { maxWidth: 200 } }}
      rightSection={
        <input
          type="color"
          className={classes.picker}
          aria-label="Choose a colour"
          value={HEX.test(value) ? value : '#000000'}
          onChange={onChange}
        />
      }
    />
  );
}
