import { useState } from 'react';
import { type FieldErrors, refusalOf, withoutFields } from './form-errors.ts';
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
  const [broken, setBroken] = useState<FieldErrors<Field>>({});
  /** What was changed since it was last sent: the API's words on it are about something else. */
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const { send, isSending, error } = useSending();
  const refusal = refusalOf(error, fields);

  function change(part: Partial<Draft>) {
    const without = (errors: FieldErrors<Field>) => withoutFields(errors, new Set(Object.keys(part)));
    setDraft((known) => ({ ...known, ...part }));
    setBroken(without);
    setChanged((known) => new Set([...known, ...Object.keys(part)]));
  }

  function submit<Request, Value>(
    read: Read<Request, Field>,
    call: (request: Request) => Promise<Value>,
    onDone: (value: Value) => void,
  ) {
    setBroken(read.ok ? {} : read.errors);
    if (!read.ok) return;
    setChanged(new Set());
    send(() => call(read.value), onDone);
  }

  return {
    draft,
    change,
    submit,
    isSending,
    errors: { ...withoutFields(refusal.errors, changed), ...broken },
    rest: refusal.rest,
  };
}
