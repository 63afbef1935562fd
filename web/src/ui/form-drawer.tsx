import { Drawer, Stack } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import { FormFooter } from './form-footer.tsx';

const focusFirstInvalid = (form: HTMLFormElement | null) =>
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();

type FormDrawerProps = {
  title: string;
  children: ReactNode;
  /** What the button at its end does: a verb. */
  action?: string;
  isSending: boolean;
  /** What was refused and belongs to no field. */
  error: Error | null;
  onSubmit: () => void;
  onClose: () => void;
};

/** A form beside its page: fields, what was refused, and the way out within reach. */
export function FormDrawer(props: FormDrawerProps) {
  const { title, children, action = 'Save', isSending, error, onSubmit, onClose } = props;
  const form = useRef<HTMLFormElement>(null);

  // What is wrong may be out of sight: the first such field is gone to, here when the answer has come.
  useEffect(() => {
    if (!isSending) focusFirstInvalid(form.current);
  }, [isSending]);

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      styles={{ body: { paddingBottom: 0 } }}
      title={title}
    >
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          flushSync(onSubmit);
          focusFirstInvalid(form.current);
        }}
      >
        <Stack gap="lg">
          {children}
          <FormFooter isSending={isSending} onCancel={onClose} action={action} error={error} />
        </Stack>
      </form>
    </Drawer>
  );
}
