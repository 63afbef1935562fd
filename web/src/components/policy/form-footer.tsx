import { Button } from '@mantine/core';
import classes from './form-footer.module.css';

/** The end of a form in a drawer: save it, or leave everything as it is. */
export function FormFooter({ isSending, onCancel }: { isSending: boolean; onCancel: () => void }) {
  return (
    <div className={classes.footer}>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isSending}>
        Save
      </Button>
    </div>
  );
}
