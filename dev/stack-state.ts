import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { deletePostgres, endOrphanedPostgres } from './postgres.ts';
import { endProcesses, findProcess, listProcesses } from './processes.ts';

/**
 * Who uses a data folder, and what of theirs runs: `stack.json` in the folder. It is a lock while its supervisor lives, and
 * it tells tests where everything listens.
 */

const stateSchema = z.object({
  supervisor: z.object({ pid: z.int(), started_at: z.string() }),
  /** True once everything answers. */
  ready: z.boolean(),
  public_port: z.int(),
  gateway_origin: z.string().nullable(),
  simulator_origin: z.string().nullable(),
  /** Connects as the owner; the file is for our own user alone. */
  owner_url: z.string().nullable(),
  pids: z.object({ postgres: z.int().nullable(), worker: z.int().nullable() }),
});

export type StackState = z.infer<typeof stateSchema>;

/** Set in the environment of every process of the Worker's server, so that none is missed when its supervisor is gone. */
export const STACK_MARK = 'VANILLA_STACK_DATA';

const END_TIMEOUT_MS = 10_000;

const stateFileOf = (dataFolder: string) => path.join(dataFolder, 'stack.json');
/** Where Postgres keeps its files. */
export const postgresFolderOf = (dataFolder: string) => path.join(dataFolder, 'postgres');

/** Another supervisor works on this data folder. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/** What `stack.json` says; null when there is none, or none that can be read. */
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

/** The data folder, ours until released. */
export type HeldFolder = {
  /** Records more of what runs. */
  record(change: Partial<StackState>): Promise<void>;
  release(): Promise<void>;
};

/** Takes the data folder for this process. Throws {@link AlreadyRunning} while another has it. */
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
  // A state left by a dead supervisor makes way; of two starting at once, one makes the file and the other is refused.
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

/** Ends what a supervisor that died left running on this folder. Answers the pids. The folder must be held. */
export async function endOrphans(dataFolder: string): Promise<number[]> {
  const mark = ` ${STACK_MARK}=${dataFolder} `;
  const orphans = (await listProcesses()).filter((one) => one.command.includes(mark)).map((one) => one.pid);
  await endProcesses(orphans, 'SIGKILL', END_TIMEOUT_MS);
  const postgres = await endOrphanedPostgres(postgresFolderOf(dataFolder));
  return postgres === null ? orphans : [...orphans, postgres];
}

/** Everything we keep in the folder; what else is in it stays. */
const contents = ['worker', 'secrets.json', 'postgres.log'];

/** Deletes all state. The folder must be held and nothing may run on it. */
export async function deleteData(dataFolder: string): Promise<void> {
  await deletePostgres(postgresFolderOf(dataFolder));
  for (const name of contents) await rm(path.join(dataFolder, name), { recursive: true, force: true });
}
