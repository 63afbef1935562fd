import { Badge } from '@mantine/core';
import tones from '../../../ui/tones.module.css';
import type { ErrorCodeObject } from '../document.ts';
import classes from './overview.module.css';

type ErrorCodesProps = {
  codes: ErrorCodeObject[];
  /** One column instead of two. */
  isNarrow?: boolean;
};

/** Error codes, each with its status and the action to take. */
export const ErrorCodes = ({ codes, isNarrow = false }: ErrorCodesProps) => (
  <dl className={classes.rows} data-narrow={isNarrow || undefined}>
    {codes.map(({ code, status, message }) => (
      <div key={code} className={classes.row}>
        <dt className={classes.code}>
          <Badge ff="monospace" fw={650} className={tones[status < 500 ? 'warn' : 'bad'] ?? ''}>
            {status}
          </Badge>
          <code>{code}</code>
        </dt>
        <dd>{message}</dd>
      </div>
    ))}
  </dl>
);
