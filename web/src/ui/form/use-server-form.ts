import { type UseFormReturnType, useForm } from '@mantine/form';
import { type UseMutationOptions, useMutation } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { ApiError } from '../../lib/api-client.ts';
import { type FieldErrors, type FormRead, refusalOf } from '../../lib/form-errors.ts';

type ServerFormOptions<Draft extends object, Request extends object, Answer, Field extends string> = {
  initial: Draft;
  /** Fields that errors are shown at. Any other error is shown above the buttons. */
  fields: readonly Field[];
  /** Returns the request of a draft, or an error for each field. An empty request is not sent: it changes nothing. */
  read: (draft: Draft) => FormRead<Request, Field>;
  mutation: UseMutationOptions<Answer, ApiError, Request>;
  /** Closes the form. A form that is a page of its own has none. */
  onClose?: () => void;
  onDone?: (answer: Answer) => void;
  /** True for a request to review before it is sent. */
  isReviewed?: (request: Request) => boolean;
};

export type ServerForm<Draft, Request> = {
  form: UseFormReturnType<Draft>;
  formRef: RefObject<HTMLFormElement | null>;
  submit: () => void;
  isSending: boolean;
  /** The error of the last request, unless it is shown at fields. */
  error: ApiError | null;
  /** The request being reviewed, or null. */
  reviewed: Request | null;
  /** Sends the reviewed request. */
  confirm: () => void;
  /** Returns from the review to the fields. */
  back: () => void;
  onClose: () => void;
};

const equal = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Errors of fields whose value has not changed since it was sent. */
const stillTrue = <Field extends string>(errors: FieldErrors<Field>, sent: object, now: object) => {
  const valueIn = (draft: object, field: string) =>
    (draft as Record<string, unknown>)[field.split('.')[0] ?? ''];
  return Object.fromEntries(
    Object.entries(errors).filter(([field]) => equal(valueIn(sent, field), valueIn(now, field))),
  ) as FieldErrors<Field>;
};

/**
 * A form that submits one mutation. Errors of the contract and of the API are shown at their fields until the fields change, and
 * the first such field gets the focus. The form cannot be sent twice at once.
 */
export function useServerForm<Draft extends object, Request extends object, Answer, Field extends string>(
  options: ServerFormOptions<Draft, Request, Answer, Field>,
): ServerForm<Draft, Request> {
  const { initial, fields, read, mutation, onDone, isReviewed = () => false } = options;
  const { onClose = () => undefined } = options;
  const form = useForm<Draft>({ mode: 'controlled', initialValues: initial });
  const { mutate, error, reset } = useMutation(mutation);
  const [isSending, setSending] = useState(false);
  const [reviewed, setReviewed] = useState<Request | null>(null);
  /** Failed submits so far: each moves the focus. */
  const [refusals, setRefusals] = useState(0);
  const formRef = useRef<HTMLFormElement>(null);
  const isLocked = useRef(false);

  useEffect(() => {
    if (refusals > 0) formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);

  function refuse(errors: FieldErrors<Field>) {
    form.setErrors(errors);
    setRefusals((count) => count + 1);
  }

  function send(request: Request) {
    if (isLocked.current) return;
    isLocked.current = true;
    setSending(true);
    const sent = form.getValues();
    mutate(request, {
      onSuccess: (answer) => onDone?.(answer),
      onError: (refused) => {
        const { errors } = refusalOf(refused, fields);
        if (Object.keys(errors).length > 0) setReviewed(null);
        refuse(stillTrue(errors, sent, form.getValues()));
      },
      onSettled: () => {
        isLocked.current = false;
        setSending(false);
      },
    });
  }

  function submit() {
    if (isLocked.current) return;
    reset();
    const result = read(form.getValues());
    if (!result.ok) refuse(result.errors);
    else if (Object.keys(result.value).length === 0) onClose();
    else if (isReviewed(result.value)) setReviewed(result.value);
    else send(result.value);
  }

  return {
    form,
    formRef,
    submit,
    isSending,
    error: refusalOf(error, fields).rest,
    reviewed,
    confirm: () => reviewed !== null && send(reviewed),
    back: () => {
      reset();
      setReviewed(null);
    },
    onClose,
  };
}
