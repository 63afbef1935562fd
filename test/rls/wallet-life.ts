import { v7 as uuidv7 } from 'uuid';
import type { ExecutionOutcome, ExecutionStart } from '../../contracts/wallet/journal.ts';
import { insertRow, type TestDatabase } from '../support/test-database.ts';
import { entriesOf, outcomeOf, startOf } from './journal-entries.ts';
import { type Place, userRow } from './world.ts';

/** The end of an execution, and the model that it was asked for. */
export type Ending = Partial<ExecutionOutcome> & { model?: string };

/** Returns the journal of a new wallet with one execution for each ending: a reserve and its end. */
export async function lifeOf(
  owner: TestDatabase['owner'],
  place: Place,
  endings: Ending[],
  start: Partial<ExecutionStart> = {},
) {
  const user = userRow(place.tenant_id, place.level_id);
  await insertRow(owner, 'users', user);
  const wallet = { tenant_id: place.tenant_id, user_id: user.id };
  const entries = entriesOf(wallet, [
    { kind: 'allocation', operation_id: 'allocation', amount: 10_000, lifetime: 10_000 },
    ...endings.flatMap(({ model = 'auto', ...more }) => {
      const id = uuidv7();
      const ended = more.status === 'failed' ? 'release' : 'debit';
      return [
        {
          ...{ kind: 'reserve' as const, operation_id: id, amount: 50, reserved: 50 },
          execution_start: { ...startOf(id), ...start, model },
        },
        {
          ...{ kind: ended as 'debit' | 'release', operation_id: id, reserved: -50 },
          ...(ended === 'debit' ? { amount: 20, lifetime: -20 } : { amount: 50 }),
          execution_outcome: { ...outcomeOf(id), ...more },
        },
      ];
    }),
  ]);
  return { wallet, entries };
}
