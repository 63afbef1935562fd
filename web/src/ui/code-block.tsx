import { ScrollArea } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './code-block.module.css';
import { CopyIcon } from './copyable.tsx';

type CodeBlockProps = {
  /** The text to copy. */
  value: string;
  /** The accessible name. */
  label: string;
  /** Wraps long lines. */
  wraps?: boolean;
  /** The content to show, if it differs from `value`. */
  children?: ReactNode;
};

/** Code with a copy button. Long lines scroll sideways, also by keyboard. */
export function CodeBlock({ value, label, wraps = false, children = value }: CodeBlockProps) {
  return (
    <div className={classes.block}>
      <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': label }}>
        <pre data-wraps={wraps || undefined}>{children}</pre>
      </ScrollArea>
      <span className={classes.copy}>
        <CopyIcon value={value} label={`Copy the ${label.toLowerCase()}`} />
      </span>
    </div>
  );
}
