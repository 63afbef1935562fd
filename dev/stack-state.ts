import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { deletePostgres, endOrphanedPostgres } from './postgres.ts';
import { endProcesses, findProcess, listProcesses } from './processes.ts';

/**
 * `stack.json` in a data folder: the supervisor that uses the folder, and its processes and addresses. It is a lock while the
 * supervisor lives, and tests read the addresses from it.
 */

const stateSchema = z.object({
  supervisor: z.object({ pid: z.int(), started_at: z.string() }),
  /** True once everything answers. */
  ready: z.boolean(),
  public_port: z.int(),
  gateway_origin: z.string().nullable(),
  simulator_origin: z.string().nullable(),
  /** The owner's connection string. Only our own user can read the file. */
  owner_url: z.string().nullable(),
  pids: z.object({ postgres: z.int().nullable(), worker: z.int().nullable() }),
});

export type StackState = z.infer<typeof stateSchema>;

/** Environment variable set on every process of the Worker's server, so that all can be found if the supervisor dies. */
export const STACK_MARK = 'VANILLA_STACK_DATA';

const END_TIMEOUT_MS = 10_000;

const stateFileOf = (dataFolder: string) => path.join(dataFolder, 'stack.json');
/** Returns the folder of Postgres' files. */
export const postgresFolderOf = (dataFolder: string) => path.join(dataFolder, 'postgres');

/** Another supervisor uses this data folder. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/** Reads `stack.json`. Returns null if it is missing or cannot be parsed. */
export async function readStackState(dataFolder: string): Promise<StackState | null> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(stateFileOf(dataFolder), 'utf8')));
  } catch {
    return null;
  }
}

async function isAlive({ pid, started_at }: StackState['supervisor']): Promise<boolean> {
  return (await findProcess(pid))?.startedAt === started_at;
}

/** A data folder locked by this process until released. */
export type HeldFolder = {
  /** Merges `change` into `stack.json`. */
  record(change: Partial<StackState>): Promise<void>;
  release(): Promise<void>;
};

/** Locks the data folder for this process. Throws {@link AlreadyRunning} if another process holds it. */
export async function holdDataFolder(dataFolder: string, publicPort: number): Promise<HeldFolder> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const file = stateFileOf(dataFolder);
  const self = await findProcess(process.pid);
  let state: StackState = {
    supervisor: { pid: process.pid, started_at: self?.startedAt ?? '' },
    ready: false,
    public_port: publicPort,
    gateway_origin: null,
    simulator_origin: null,
    owner_url: null,
    pids: { postgres: null, worker: null },
  };
  const before = await readStackState(dataFolder);
  if (before !== null && (await isAlive(before.supervisor))) {
    throw new AlreadyRunning(
      `It already runs on ${dataFolder}: process ${before.supervisor.pid}, http://localhost:${before.public_port}`,
    );
  }
  // A state left by a dead supervisor is removed. Of two concurrent starts, one creates the file and the other is refused.
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify(state, null, 2), { mode: 0o600, flag: 'wx' }).catch((error) => {
    throw error.code === 'EEXIST' ? new AlreadyRunning(`Another start on ${dataFolder} came first`) : error;
  });
  return {
    async record(change) {
      state = { ...state, ...change };
      await writeFile(`${file}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** Ends the processes that a dead supervisor left on this folder. Returns their pids. The folder must be locked. */
export async function endOrphans(dataFolder: string): Promise<number[]> {
  const mark = ` ${STACK_MARK}=${dataFolder} `;
  const orphans = (await listProcesses()).filter((one) => one.command.includes(mark)).map((one) => one.pid);
  await endProcesses(orphans, 'SIGKILL', END_TIMEOUT_MS);
  const postgres = await endOrphanedPostgres(postgresFolderOf(dataFolder));
  return postgres === null ? orphans : [...orphans, postgres];
}

/** The files of the stack in the folder. Other files are kept. */
const contents = ['worker', 'secrets.json', 'postgres.log'];

/** Deletes all state. The folder must be locked, and no process may use it. */
export async function deleteData(dataFolder: string): Promise<void> {
  await deletePostgres(postgresFolderOf(dataFolder));
  for (const name of contents) await rm(path.join(dataFolder, name), { recursive: true, force: true });
}
