import { Button } from '@mantine/core';
import { ErrorAlert } from './error-alert.tsx';
import classes from './form/form-footer.module.css';

type FormFooterProps = {
  isSending: boolean;
  onCancel: () => void;
  action?: string;
  /** What was refused, within sight of the button that sent it. */
  error?: Error | null;
};

/** The end of a form in a drawer: save it, or leave everything as it is. */
export function FormFooter({ isSending, onCancel, action = 'Save', error = null }: FormFooterProps) {
  return (
    <div className={classes.footer}>
      {error !== null && (
        <div className={classes.error}>
          <ErrorAlert error={error} />
        </div>
      )}
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isSending}>
        {action}
      </Button>
    </div>
  );
}
