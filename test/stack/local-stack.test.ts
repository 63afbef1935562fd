import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listProcesses, signalProcess, waitUntilGone } from '../../dev/processes.ts';
import { requestJson } from '../support/http.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const run = promisify(execFile);
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});

afterAll(() => stack?.stop());

const restart = async () => {
  stack = await startTestStack({ dataFolder: stack.dataFolder, port: stack.port });
};

/** Runs `npm start` a second time, which must refuse. Returns its stderr and exit code. */
async function startAgain(...args: string[]): Promise<{ code: number; stderr: string }> {
  const answer = run(process.execPath, ['dev/start.ts', ...args]);
  return answer.then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }) => ({ code, stderr }),
  );
}

const signIn = () =>
  requestJson(stack.port, 'acme.localhost', '/api/auth/login', {
    method: 'POST',
    body: { email: 'user@acme.test', password: 'vanilla-demo-2026' },
  });

const statusOf = async (token: string) =>
  (
    await requestJson(stack.port, 'acme.localhost', '/api/auth/me', {
      headers: { authorization: `Bearer ${token}` },
    })
  ).status;

describe('the local stack', () => {
  it('refuses a second start on its data, and the first one continues', async () => {
    const refused = await startAgain('--data', stack.dataFolder);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`process ${stack.pids.supervisor}`),
    });
    expect((await requestJson(stack.port, 'localhost', '/api/health')).body.status).toBe('ok');
  });

  it('refuses a port that is taken, and says how to choose another', async () => {
    const refused = await startAgain('--data', `${stack.dataFolder}/other`, '--port', String(stack.port));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/Port \d+ is in use.*--port/) });
  });

  it('ends the processes that a killed supervisor left, and continues with its sessions and data', async () => {
    const { body } = await signIn();
    signalProcess(stack.pids.supervisor, 'SIGKILL');
    await waitUntilGone([stack.pids.supervisor], 5_000);
    const left = [stack.pids.worker, stack.pids.postgres];
    await restart();
    const alive = (await listProcesses()).map(({ pid }) => pid);
    expect(alive.filter((pid) => left.includes(pid))).toEqual([]);
    expect(await statusOf(body.token)).toBe(200);
  });

  it.each(['postgres', 'worker'] as const)(
    'stops everything and gives the reason when %s dies',
    async (part) => {
      signalProcess(-stack.pids[part], 'SIGKILL');
      expect(await waitUntilGone(Object.values(stack.pids), 30_000)).toBe(true);
      expect(stack.logs()).toMatch(/The local stack failed\. (Postgres|The Worker).* ended unexpectedly/);
      await restart();
      expect((await signIn()).status).toBe(200);
    },
  );

  it('stops cleanly on request: exit code 0, and no process is left', async () => {
    const { dataFolder } = stack;
    expect(await stack.stop()).toBe(0);
    expect((await listProcesses()).filter(({ command }) => command.includes(dataFolder))).toEqual([]);
  });
});
