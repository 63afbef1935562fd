import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { checkDatabase, connect, DatabaseUnavailable } from '../../worker/db/client.ts';
import { loadCaller } from '../../worker/db/load-snapshots.ts';
import { connectAsWorker, startTestDatabase } from './database.ts';
import { makeWorld } from './world.ts';

const database = await startTestDatabase();
const { places } = await makeWorld(database.owner);
const worker = connectAsWorker(database);
const claims = { tenantId: places.own.tenant_id, userId: places.own.user_id, iat: 1, exp: 2 };
afterAll(() => database.stop());

const gatewayIs = (mode: string) =>
  fetch(`${database.gateway.origin}/_faults`, { method: 'PUT', body: JSON.stringify({ mode }) });

describe('a database that cannot be asked', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    await gatewayIs('none');
  });

  it.each(['refuse', 'reset_after_commit'])('is unavailable, and not a bug: %s', async (mode) => {
    await gatewayIs(mode);
    await expect(loadCaller(worker, claims)).rejects.toBeInstanceOf(DatabaseUnavailable);
  });

  it('is unavailable when it hangs for longer than anybody waits', async () => {
    const timeout = AbortSignal.timeout;
    const waited = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout.call(AbortSignal, 100));
    await gatewayIs('hang');
    await expect(loadCaller(worker, claims)).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(waited).toHaveBeenCalledWith(10_000);
  });

  it('is unavailable when nothing listens there', async () => {
    const nowhere = connect({
      databaseUrl: database.workerUrl,
      fetchEndpoint: 'http://127.0.0.1:1/sql',
      applicationName: 'vanilla-request',
    });
    await expect(loadCaller(nowhere, claims)).rejects.toBeInstanceOf(DatabaseUnavailable);
    connectAsWorker(database);
  });

  it('is available again when it answers again', async () => {
    expect(await checkDatabase(worker)).toBe(true);
  });
});

describe('health', () => {
  it('fails for a role that bypasses row security', async () => {
    const superuserUrl = new URL(database.workerUrl);
    superuserUrl.username = 'postgres';
    superuserUrl.password = new URL(database.ownerUrl).password;
    const unsafe = connectAsWorker({ ...database, workerUrl: superuserUrl.href });
    await expect(checkDatabase(unsafe)).rejects.toMatchObject({ cause: { code: 'VS002' } });
  });
});
