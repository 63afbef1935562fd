import { Button } from '@mantine/core';
import classes from './form-footer.module.css';

type FormFooterProps = { isSending: boolean; onCancel: () => void; action?: string };

/** The end of a form in a drawer: save it, or leave everything as it is. */
export function FormFooter({ isSending, onCancel, action = 'Save' }: FormFooterProps) {
  return (
    <div className={classes.footer}>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isSending}>
        {action}
      </Button>
    </div>
  );
}
