import { Checkbox } from '@mantine/core';
import { type Selection, withChosen } from './selection.ts';

type ChoiceProps<Row> = { selection: Selection<Row>; row: Row; id: string };

/** Chooses a row. Nothing for a row that cannot be chosen. */
export function ChoiceBox<Row>({ selection, row, id }: ChoiceProps<Row>) {
  if (!selection.canChoose(row)) return null;
  return (
    <Checkbox
      size="xs"
      aria-label={`Choose ${selection.nameOf(row)}`}
      checked={selection.chosen.has(id)}
      onChange={({ currentTarget }) =>
        selection.onChange(withChosen(selection.chosen, [id], currentTarget.checked))
      }
    />
  );
}

type AllProps<Row> = { selection: Selection<Row>; rows: Row[]; keyOf: (row: Row) => string };

/** Chooses every row shown, or none of them. */
export function ChoiceOfAll<Row>({ selection, rows, keyOf }: AllProps<Row>) {
  const ids = rows.filter(selection.canChoose).map(keyOf);
  const chosen = ids.filter((id) => selection.chosen.has(id)).length;
  return (
    <Checkbox
      size="xs"
      aria-label="Choose all shown"
      disabled={ids.length === 0}
      checked={ids.length > 0 && chosen === ids.length}
      indeterminate={chosen > 0 && chosen < ids.length}
      onChange={({ currentTarget }) =>
        selection.onChange(withChosen(selection.chosen, ids, currentTarget.checked))
      }
    />
  );
}
