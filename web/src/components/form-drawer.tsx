import { Drawer, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorAlert } from './error-alert.tsx';
import { FormFooter } from './form-footer.tsx';

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
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack gap="lg">
          {children}
          {error !== null && <ErrorAlert error={error} />}
          <FormFooter isSending={isSending} onCancel={onClose} action={action} />
        </Stack>
      </form>
    </Drawer>
  );
}
