import { readFile } from 'node:fs/promises';

/** A tick of the kernel's accounting in milliseconds (USER_HZ is 100 on every Linux architecture that Node supports). */
const TICK_MS = 10;

/** Returns the CPU time that a process has used, in milliseconds. Linux only: null elsewhere. */
export async function cpuTimeMs(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // "pid (name) state ppid ...": user and system time are the fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
