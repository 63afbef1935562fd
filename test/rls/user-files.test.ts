import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { USER_BYTES_MAX, USER_FILES_MAX } from '../../contracts/v1/files.ts';
import {
  deleteExpiredFiles,
  deleteFile,
  findFiles,
  insertFile,
  listFiles,
  listTenantsWithExpiredFiles,
  type NewFile,
} from '../../worker/db/files/user-files.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import type { Place } from './world.ts';

const { database, owner, worker, own, colleague, foreign, admin } = await startGovernedWorld();
afterAll(() => database.stop());

const me = claimsOf(own);
const DAY_S = 86_400;
const MIB_32 = 33_554_432;

const newFile = (changes: Partial<NewFile> = {}): NewFile => ({
  ...{ id: uuidv7(), filename: 'a.txt', media_type: 'text/plain', bytes: 10, purpose: 'user_data' },
  lifetime_s: 30 * DAY_S,
  ...changes,
});

/** Writes a row as the owner, with an end of its own. */
async function stored({ tenant_id, user_id }: Pick<Place, 'tenant_id' | 'user_id'>, changes: object = {}) {
  const { lifetime_s: _, ...file } = newFile();
  const row = { ...file, tenant_id, user_id, expires_at: '2100-01-01T00:00:00Z', ...changes };
  await insertRow(owner, 'user_files', row);
  return row.id;
}
const expired = { created_at: '2020-01-01T00:00:00Z', expires_at: '2020-01-02T00:00:00Z' };
const clear = () => owner.query('delete from user_files');
const heldBy = async ({ user_id }: Pick<Place, 'user_id'>) =>
  (
    await owner.query<{ files: number; bytes: number }>(
      'select count(*)::int as files, coalesce(sum(bytes), 0)::float8 as bytes from user_files where user_id = $1',
      [user_id],
    )
  ).rows[0];

describe('the files of a user', () => {
  it('are kept until their end, listed in both orders, and deleted once', async () => {
    await clear();
    const first = got(await insertFile(worker, me, newFile({ filename: 'first', purpose: 'vision' })));
    const second = got(await insertFile(worker, me, newFile({ filename: 'second', lifetime_s: 3_600 })));
    expect(first.expires_at_ms - first.created_at_ms).toBe(30 * DAY_S * 1_000);
    expect(second.expires_at_ms - second.created_at_ms).toBe(3_600_000);
    const list = async (place: object) =>
      got(await listFiles(worker, me, { limit: 10, order: 'desc', ...place }));
    expect(await list({})).toEqual({ files: [second, first], has_more: false });
    expect(await list({ order: 'asc', limit: 1 })).toEqual({ files: [first], has_more: true });
    expect(await list({ order: 'asc', after: first.id })).toEqual({ files: [second], has_more: false });
    expect(await list({ purpose: 'vision' })).toEqual({ files: [first], has_more: false });
    expect(got(await findFiles(worker, me, [first.id, uuidv7()]))).toEqual([first]);
    got(await deleteFile(worker, me, first.id));
    expect(await deleteFile(worker, me, first.id)).toEqual(refused('not_found'));
    expect((await list({})).files).toEqual([second]);
  });

  it('are for nobody else: no colleague, no admin, no other tenant', async () => {
    const id = await stored(own);
    for (const other of [claimsOf(colleague), claimsOf(foreign), admin]) {
      expect(got(await findFiles(worker, other, [id]))).toEqual([]);
      expect(got(await listFiles(worker, other, { limit: 10, order: 'desc' })).files).toEqual([]);
      expect(await deleteFile(worker, other, id)).toEqual(refused('not_found'));
    }
    expect(got(await findFiles(worker, me, [id]))).toHaveLength(1);
  });

  it('cannot be found after their end, and count no longer', async () => {
    await clear();
    const id = await stored(own, { ...expired, bytes: MIB_32 });
    expect(got(await findFiles(worker, me, [id]))).toEqual([]);
    expect(await deleteFile(worker, me, id)).toEqual(refused('not_found'));
  });

  it('cost one round trip each time', async () => {
    const file = newFile();
    for (const work of [
      () => insertFile(worker, me, file),
      () => findFiles(worker, me, [file.id]),
      () => listFiles(worker, me, { limit: 10, order: 'desc' }),
      () => deleteFile(worker, me, file.id),
    ])
      expect(await roundTripsOf(database, work)).toBe(1);
  });
});

describe('fifty uploads at once', () => {
  const uploads = (bytes: number) =>
    Promise.all(Array.from({ length: 50 }, () => insertFile(worker, me, newFile({ bytes }))));
  const stand = async (files: number, bytes: number) => {
    await clear();
    await owner.query(
      `insert into user_files (tenant_id, user_id, id, filename, media_type, bytes, purpose, expires_at)
        select $1, $2, gen_random_uuid(), 'a', 'text/plain', $3, 'user_data', '2100-01-01' from generate_series(1, $4)`,
      [own.tenant_id, own.user_id, bytes, files],
    );
  };

  it('never exceed the number of files', async () => {
    await stand(USER_FILES_MAX - 7, 1);
    const answers = await uploads(1);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(7);
    expect((await heldBy(own))?.files).toBe(USER_FILES_MAX);
    const refusal = answers.find((answer) => !answer.ok);
    expect(refusal).toMatchObject({
      failure: { code: 'too_many_files', held: { files: USER_FILES_MAX, bytes: USER_FILES_MAX } },
    });
  });

  it('never exceed the bytes', async () => {
    await stand(25, MIB_32);
    const answers = await uploads(MIB_32);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(7);
    expect((await heldBy(own))?.bytes).toBe(USER_BYTES_MAX);
    // What others have does not count.
    got(await insertFile(worker, claimsOf(colleague), newFile({ bytes: MIB_32 })));
  });
});

describe('expired files', () => {
  it('are deleted in pages, of one tenant, and no other', async () => {
    await clear();
    const over = await Promise.all([stored(own, expired), stored(own, expired), stored(colleague, expired)]);
    const others = [await stored(own), await stored(foreign, expired)];
    const first = await deleteExpiredFiles(worker, own.tenant_id, 2);
    const second = await deleteExpiredFiles(worker, own.tenant_id, 2);
    expect([first.length, second.length]).toEqual([2, 1]);
    expect([...first, ...second].map(({ id }) => id).sort()).toEqual(over.sort());
    const { rows } = await owner.query<{ id: string }>('select id from user_files');
    expect(rows.map(({ id }) => id).sort()).toEqual(others.sort());
  });

  it('name their tenants, and no other', async () => {
    await clear();
    expect(await listTenantsWithExpiredFiles(worker)).toEqual([]);
    await Promise.all([stored(own), stored(foreign, expired), stored(foreign, expired)]);
    expect(await listTenantsWithExpiredFiles(worker)).toEqual([foreign.tenant_id]);
  });

  it('are all that the service reaches', async () => {
    await clear();
    await stored(own);
    expect(await deleteExpiredFiles(worker, own.tenant_id, 10)).toEqual([]);
  });
});
