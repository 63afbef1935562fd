import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProcess } from '../../dev/processes.ts';

/** Creates a temporary folder whose name has the pid of this process, so that it can be found after the process has died. */
export const makeThrowawayFolder = (kind: string): Promise<string> =>
  mkdtemp(path.join(tmpdir(), `vanilla-test-${kind}-${process.pid}-`));

/** Returns the folders of `kind` whose process has died without deleting them, such as a killed test run. */
export async function findAbandonedFolders(kind: string): Promise<string[]> {
  const folders = (await readdir(tmpdir())).map((name) => {
    const [, pid] = new RegExp(`^vanilla-test-${kind}-(\\d+)-`).exec(name) ?? [];
    return { folder: path.join(tmpdir(), name), pid: Number(pid) };
  });
  const ours = folders.filter(({ pid }) => !Number.isNaN(pid));
  const owners = await Promise.all(ours.map(({ pid }) => findProcess(pid)));
  return ours.filter((_, index) => owners[index] === null).map(({ folder }) => folder);
}
