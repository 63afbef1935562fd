import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  deletePostgres,
  endOrphanedPostgres,
  type LocalPostgres,
  startPostgres,
} from '../../dev/postgres.ts';
import { findProcess } from '../../dev/processes.ts';
import { makeThrowawayFolder } from '../support/throwaway.ts';

let folder: string;
const running: LocalPostgres[] = [];

async function start(): Promise<LocalPostgres> {
  const postgres = await startPostgres(folder);
  running.push(postgres);
  return postgres;
}

async function ask(postgres: LocalPostgres, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres.ownerUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The folder is private, as one made with `mktemp -d` is. Postgres, which runs as another user under root, must reach it. */
beforeAll(async () => {
  folder = await makeThrowawayFolder('postgres');
});

afterAll(async () => {
  for (const postgres of running) await postgres.stop();
  await deletePostgres(folder);
});

test('The owner is neither a superuser nor exempt from row security, and may make roles', async () => {
  const postgres = await start();
  const rows = await ask(
    postgres,
    'select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user',
  );
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: true }]);
  await postgres.stop();
});

test('What was committed survives kill -9', async () => {
  const postgres = await start();
  await ask(postgres, 'create table notes (text text)');
  await ask(postgres, "insert into notes values ('committed')");
  process.kill(postgres.pid, 'SIGKILL');
  await postgres.exited;
  const again = await start();
  expect(await ask(again, 'select text from notes')).toEqual([{ text: 'committed' }]);
  await again.stop();
});

test('A folder is never given to two servers, and one left behind is found and ended', async () => {
  const postgres = await start();
  await expect(startPostgres(folder)).rejects.toThrow(`process ${postgres.pid}`);
  expect(await endOrphanedPostgres(folder)).toBe(postgres.pid);
  expect(await findProcess(postgres.pid)).toBeNull();
  expect(await endOrphanedPostgres(folder)).toBeNull();
});
