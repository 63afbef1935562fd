import { Button, Drawer, Modal, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ErrorAlert } from '../error-alert.tsx';
import { DiscardQuestion } from './discard-question.tsx';
import classes from './form-footer.module.css';
import type { ServerForm } from './use-server-form.ts';

/** A review of the request before it is sent. */
type Review = {
  content: ReactNode;
  /** The button's label: a verb. */
  action: string;
  isGrave?: boolean;
};

type FormProps<Draft, Request> = {
  title: string;
  serverForm: ServerForm<Draft, Request>;
  /** The button's label: a verb. */
  action?: string;
  review?: (request: Request) => Review;
  children: ReactNode;
};

/** The buttons of a form, with its error above them. */
function Footer({ error, children }: { error: Error | null; children: ReactNode }) {
  return (
    <div className={classes.footer}>
      {error !== null && (
        <div className={classes.error}>
          <ErrorAlert error={error} />
        </div>
      )}
      {children}
    </div>
  );
}

type FormBodyProps<Draft, Request> = Omit<FormProps<Draft, Request>, 'title'> & { onCancel: () => void };

function FormBody<Draft, Request>(props: FormBodyProps<Draft, Request>) {
  const { serverForm, action = 'Save', review, children, onCancel } = props;
  const { formRef, submit, isSending, error, reviewed, confirm, back } = serverForm;
  const reviewing = reviewed === null ? undefined : review?.(reviewed);
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="lg">
        {reviewing === undefined ? children : reviewing.content}
        <Footer error={error}>
          {reviewing === undefined ? (
            <>
              <Button variant="default" onClick={onCancel}>
                Cancel
              </Button>
              <Button type="submit" loading={isSending}>
                {action}
              </Button>
            </>
          ) : (
            <>
              <Button variant="default" onClick={back} disabled={isSending}>
                Back
              </Button>
              <Button
                onClick={confirm}
                loading={isSending}
                color={reviewing.isGrave ? 'red.9' : 'brand'}
                data-autofocus
              >
                {reviewing.action}
              </Button>
            </>
          )}
        </Footer>
      </Stack>
    </form>
  );
}

/** Closes a form, and asks first if changes would be lost. */
function useClosing<Draft, Request>({ form, isSending, onClose }: ServerForm<Draft, Request>) {
  const [isAsking, setAsking] = useState(false);
  const close = () => {
    if (isSending) return;
    if (form.isDirty()) setAsking(true);
    else onClose();
  };
  // Mounted only while asking: otherwise the Escape that opens it would also close it.
  const question = isAsking && <DiscardQuestion onKeep={() => setAsking(false)} onDiscard={onClose} />;
  /** Disables the form's keyboard handling while the question is open. */
  const behindQuestion = { closeOnEscape: !isAsking, trapFocus: !isAsking };
  return { close, question, behindQuestion };
}

/** A form in a drawer beside the page. */
export function FormDrawer<Draft, Request>({
  title,
  size = 'md',
  ...body
}: FormProps<Draft, Request> & { size?: 'md' | 'lg' }) {
  const { close, question, behindQuestion } = useClosing(body.serverForm);
  return (
    <>
      <Drawer
        opened
        onClose={close}
        {...behindQuestion}
        position="right"
        size={size}
        styles={{ body: { paddingBottom: 0 } }}
        title={title}
      >
        <FormBody {...body} onCancel={close} />
      </Drawer>
      {question}
    </>
  );
}

/** A short form in a dialog over the page. */
export function FormModal<Draft, Request>({ title, ...body }: FormProps<Draft, Request>) {
  const { close, question, behindQuestion } = useClosing(body.serverForm);
  return (
    <>
      <Modal opened onClose={close} {...behindQuestion} styles={{ body: { paddingBottom: 0 } }} title={title}>
        <FormBody {...body} onCancel={close} />
      </Modal>
      {question}
    </>
  );
}
