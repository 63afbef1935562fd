import { useState } from 'react';
import { type FieldErrors, refusalOf } from '../lib/form-errors.ts';
import { useSending } from './use-sending.ts';

type Read<Request, Field extends string> =
  | { ok: true; value: Request }
  | { ok: false; errors: FieldErrors<Field> };

/**
 * A form's draft, sent once it says a whole request. What is wrong, by our rules or by the API's, is said at its field until
 * that is changed; `rest` is what belongs to no field.
 */
export function useDraft<Draft extends object, Field extends string & keyof Draft>(
  initial: Draft,
  fields: readonly Field[],
) {
  const [draft, setDraft] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors<Field>>({});
  /** What was changed since it was last sent: the API's words on it are about something else. */
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const { send, isSending, error } = useSending();
  const refusal = refusalOf(error, fields);
  const shown = Object.entries({ ...refusal.errors, ...errors }).filter(([field]) => !changed.has(field));

  function change(part: Partial<Draft>) {
    setDraft((known) => ({ ...known, ...part }));
    setChanged((known) => new Set([...known, ...Object.keys(part)]));
  }

  function submit<Request, Value>(
    read: Read<Request, Field>,
    call: (request: Request) => Promise<Value>,
    onDone: (value: Value) => void,
  ) {
    setChanged(new Set());
    setErrors(read.ok ? {} : read.errors);
    if (read.ok) send(() => call(read.value), onDone);
  }

  return {
    draft,
    change,
    submit,
    isSending,
    errors: Object.fromEntries(shown) as FieldErrors<Field>,
    rest: refusal.rest,
  };
}
