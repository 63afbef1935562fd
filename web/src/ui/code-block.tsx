import { ScrollArea } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './code-block.module.css';
import { CopyIcon } from './copyable.tsx';

type CodeBlockProps = {
  /** What is copied. */
  value: string;
  /** Names what it is. */
  label: string;
  /** Breaks a long line, where it is no program. */
  wraps?: boolean;
  /** How it is shown, when not as it is copied. */
  children?: ReactNode;
};

/** Lines of code: wider than their place they scroll on their own, by keyboard too, and they can be copied. */
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
