import { type AnswerRefusal, type EndDetails, REFUSAL_MAX } from '../../../contracts/chat/chat.ts';
import { type AppliedEdit, appliedEdit, EDITS_MAX } from '../../../contracts/chat/context-edits.ts';
import { fieldsOf } from '../metering/reported-usage.ts';

/** Details that providers tell about the end of an answer beside its finish reason. Pure. */

/** Returns the details that are told, without others. */
export const endDetailsOf = ({
  stop_sequence,
  stop_cause,
  refusal,
  applied_edits,
}: EndDetails): EndDetails => ({
  ...(stop_sequence !== undefined && { stop_sequence }),
  ...(stop_cause !== undefined && { stop_cause }),
  ...(refusal !== undefined && { refusal }),
  ...(applied_edits !== undefined && { applied_edits }),
});

const cut = (value: unknown, most: number): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, most) : null;

/** Reads Anthropic's `stop_details`. Undefined if they tell nothing of a refusal. */
export function readRefusal(stop_details: unknown): AnswerRefusal | undefined {
  const fields = fieldsOf(stop_details);
  if (fields === null) return undefined;
  const category = cut(fields.category, REFUSAL_MAX.category);
  const explanation = cut(fields.explanation, REFUSAL_MAX.explanation);
  return category === null && explanation === null ? undefined : { category, explanation };
}

/** Reads Anthropic's `context_management`. Undefined if it tells no list of edits; edits that are not known are left out. */
export function readAppliedEdits(context_management: unknown): AppliedEdit[] | undefined {
  const edits = fieldsOf(context_management)?.applied_edits;
  if (!Array.isArray(edits)) return undefined;
  return edits.flatMap((edit) => appliedEdit.safeParse(edit).data ?? []).slice(0, EDITS_MAX);
}
