import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionReceipt } from '../../contracts/api/executions.ts';
import { withheldEntry } from '../../contracts/wallet/journal.ts';
import { getExecution, listExecutions } from '../../worker/db/executions/executions.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { exportEntries } from '../../worker/db/ledger/ledger.ts';
import { updateTenantSettings } from '../../worker/db/tenants/tenant-settings.ts';
import { claimsOf, got, startGovernedWorld } from './governed-world.ts';
import { appliedPrice, entriesOf, messagesOf, outcomeOf, startOf } from './journal-entries.ts';

const { database, worker, own, admin, superadmin } = await startGovernedWorld();
afterAll(() => database.stop());

const user = claimsOf(own);
const id = '01900000-0000-7000-8000-0000000c0571';
const wallet = { tenant_id: own.tenant_id, user_id: own.user_id };
const entries = entriesOf(wallet, [
  { kind: 'allocation', operation_id: 'allocation', amount: 100, lifetime: 100 },
  { kind: 'reserve', operation_id: id, amount: 50, reserved: 50, execution_start: startOf(id) },
  {
    ...{ kind: 'debit', operation_id: id, amount: 20, lifetime: -20, reserved: -50 },
    execution_outcome: { ...outcomeOf(id), price: appliedPrice },
  },
]);

beforeAll(async () => {
  for (const message of messagesOf({ wallet, entries })) await projectJournal(worker, [message]);
});

type Reader = typeof user;
const shows = (shows_provider_cost: boolean) =>
  updateTenantSettings(worker, admin, { shows_provider_cost }, `shows-${shows_provider_cost}`);

/** Everything that the database tells a reader of the execution, as one text. */
const toldTo = async (reader: Reader, page = { limit: 10 }) => {
  const receipt = got(await getExecution(worker, reader, id));
  expect(executionReceipt.strict().parse(receipt)).toEqual(receipt);
  const list = got(await listExecutions(worker, reader, page, { user_id: own.user_id }));
  const file = got(await exportEntries(worker, reader, wallet, { after_seq: 0, last_seq: 9, limit: 10 }));
  return { receipt, list, file, text: JSON.stringify([receipt, list, file]) };
};

const COST = /"(cost_micro_usd|micro_usd_per_million|cost_list|cost_version)":/;

describe('the cost at the provider', () => {
  it('is not told to users, in a receipt, a list or an export', async () => {
    const { receipt, file, text } = await toldTo(user);
    expect(text).not.toMatch(COST);
    const { list, model_id, version, wallet_tokens_per_1000 } = appliedPrice;
    expect(receipt).toMatchObject({ price: { list, model_id, version, wallet_tokens_per_1000 } });
    expect(file.slice(0, 2)).toEqual(entries.slice(0, 2));
    expect(withheldEntry.strict().parse(file[2])).toEqual(file[2]);
    expect(file[2]).toMatchObject({ hash: entries[2]?.hash, withheld: expect.any(Array) });
  });

  it.each([
    ['admins', admin],
    ['superadmins', superadmin],
  ])('is told to %s', async (_, reader) => {
    const file = got(await exportEntries(worker, reader, wallet, { after_seq: 0, last_seq: 9, limit: 10 }));
    expect(file).toEqual(entries);
    if (reader === admin) {
      const { receipt, list } = await toldTo(reader);
      expect(receipt).toMatchObject({ cost_micro_usd: 11, price: appliedPrice });
      expect(list.items).toMatchObject([{ cost_micro_usd: 11, price: appliedPrice }]);
    }
  });

  it('is told to users where their own tenant shows it, and no longer when it stops', async () => {
    await shows(true);
    const { receipt, file } = await toldTo(user);
    expect(receipt).toMatchObject({ cost_micro_usd: 11, price: appliedPrice });
    expect(file).toEqual(entries);
    await shows(false);
    expect((await toldTo(user)).text).not.toMatch(COST);
  });
});
