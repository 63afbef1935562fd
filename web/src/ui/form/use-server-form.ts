import { type UseFormReturnType, useForm } from '@mantine/form';
import { type UseMutationOptions, useMutation } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { ApiError } from '../../lib/api-client.ts';
import { type FieldErrors, type FormRead, refusalOf } from '../../lib/form-errors.ts';

type ServerFormOptions<Draft extends object, Request extends object, Answer, Field extends string> = {
  initial: Draft;
  /** Fields that errors are shown at. Any other error is shown above the buttons. */
  fields: readonly Field[];
  /** The request of a draft by the API's contract, or an error for each field. A request without a field changes nothing and is not sent. */
  read: (draft: Draft) => FormRead<Request, Field>;
  mutation: UseMutationOptions<Answer, ApiError, Request>;
  onClose: () => void;
  onDone: (answer: Answer) => void;
  /** True for a request that is shown once more before it is sent. */
  isReviewed?: (request: Request) => boolean;
};

export type ServerForm<Draft, Request> = {
  form: UseFormReturnType<Draft>;
  formRef: RefObject<HTMLFormElement | null>;
  submit: () => void;
  isSending: boolean;
  /** The part of a refusal that belongs to no field. */
  error: ApiError | null;
  /** The request being reviewed, or null. */
  reviewed: Request | null;
  /** Sends the reviewed request. */
  confirm: () => void;
  /** From the review back to the fields. */
  back: () => void;
  onClose: () => void;
};

const equal = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The errors at fields that still hold what was sent. */
const stillTrue = <Field extends string>(errors: FieldErrors<Field>, sent: object, now: object) => {
  const valueIn = (draft: object, field: string) =>
    (draft as Record<string, unknown>)[field.split('.')[0] ?? ''];
  return Object.fromEntries(
    Object.entries(errors).filter(([field]) => equal(valueIn(sent, field), valueIn(now, field))),
  ) as FieldErrors<Field>;
};

/**
 * A form that submits one mutation. Errors by the contract and by the API are shown at their fields until those change; the first such
 * field gets the focus. A form that is being sent is not sent again.
 */
export function useServerForm<Draft extends object, Request extends object, Answer, Field extends string>(
  options: ServerFormOptions<Draft, Request, Answer, Field>,
): ServerForm<Draft, Request> {
  const { initial, fields, read, mutation, onClose, onDone, isReviewed = () => false } = options;
  const form = useForm<Draft>({ mode: 'controlled', initialValues: initial });
  const { mutate, error, reset } = useMutation(mutation);
  const [isSending, setSending] = useState(false);
  const [reviewed, setReviewed] = useState<Request | null>(null);
  /** Refusals so far: each moves the focus. */
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
      onSuccess: onDone,
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
