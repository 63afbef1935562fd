import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A live process. */
export type ProcessInfo = {
  pid: number;
  /** Together with the pid it names one process for good, though pids are reused. */
  startedAt: string;
  /** Its command line followed, where we may read it, by its environment; separated by blanks, with one at the end. */
  command: string;
};

/** Reads /proc: a slim Linux image has no `ps`. Null for a process that is gone, and for one that waits to be reaped. */
async function readProc(pid: number): Promise<ProcessInfo | null> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const [stat, commandLine, environment] = await Promise.all([
    read('stat'),
    read('cmdline'),
    read('environ'),
  ]);
  // "pid (name) state ppid ...", where the name may itself hold blanks and parentheses; the start time is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startedAt = fields[19];
  if (startedAt === undefined || state === 'Z' || state === 'X') return null;
  return { pid, startedAt, command: `${commandLine}\0${environment}\0`.replaceAll('\0', ' ') };
}

async function listWithPs(): Promise<ProcessInfo[]> {
  const { stdout } = await run('ps', ['-axEww', '-o', 'pid=,lstart=,command='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, startedAt, command] =
      /^\s*(\d+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || startedAt === undefined) return [];
    return [{ pid: Number(pid), startedAt, command: `${command} ` }];
  });
}

/** Every process of this machine. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') return listWithPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(readProc));
  return found.filter((one) => one !== null);
}

/** The process `pid`, or null when there is none. */
export async function findProcess(pid: number): Promise<ProcessInfo | null> {
  if (process.platform === 'linux') return readProc(pid);
  return (await listWithPs()).find((one) => one.pid === pid) ?? null;
}

/** Sends a signal to a process, or to a whole group when `pid` is negative. One that is already gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until none of `pids` is alive. Answers whether that happened within `timeoutMs`. */
export async function waitUntilGone(pids: number[], timeoutMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const alive = await Promise.all(pids.map(findProcess));
    if (alive.every((one) => one === null)) return true;
    if (Date.now() > deadlineMs) return false;
    await sleep(50);
  }
}

/** Asks processes to end with `signal`, and makes them when they have not within `timeoutMs`. */
export async function endProcesses(pids: number[], signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  for (const pid of pids) signalProcess(pid, signal);
  if (await waitUntilGone(pids, timeoutMs)) return;
  for (const pid of pids) signalProcess(pid, 'SIGKILL');
  if (!(await waitUntilGone(pids, timeoutMs))) throw new Error(`Cannot end the processes ${pids.join(', ')}`);
}
