import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * Runs Postgres, which refuses to run as root, in containers whose only user is root. It runs as `nobody`, which exists
 * everywhere and owns nothing; no system user is created.
 */

const run = promisify(execFile);
const NOBODY_ID = 65_534;

export type Launch = { command: string; args: string[]; uid?: number; gid?: number };

/** The command, user and folders for a program that refuses to run as root. */
export type Runner = {
  /** The user that must own its files; null for the current user. */
  userId: number | null;
  /** The folder for its data. */
  home: string;
  /** The folder of the program, at a path that the user can reach. */
  programs: string;
  launch(command: string, args: string[]): Launch;
};

/**
 * Lets `nobody` keep one capability: to pass through folders closed to others (a clone under /root, or one made with `mktemp -d`).
 * `no_setuid_fixup` is required: without it access(2), by which Postgres checks its own binaries, ignores the capability.
 */
const keepReach = [
  `--reuid=${NOBODY_ID}`,
  `--regid=${NOBODY_ID}`,
  '--clear-groups',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  '--securebits=+no_setuid_fixup',
];

const withSetpriv = (command: string, args: string[]): Launch => ({
  command: 'setpriv',
  args: [...keepReach, command, ...args],
});

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Returns a folder that everybody can reach and only root can write. The same programs always get the same folder. */
async function reachableFolder(programs: string): Promise<string> {
  const folder = path.join('/var/tmp', `vanilla-saas-${shortHash(programs)}`);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  if ((await stat(folder)).uid !== 0) throw new Error(`${folder} belongs to somebody else`);
  return folder;
}

/** Copies to a temporary name and renames, so that `to` is always complete. */
async function copyOnce(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  const partial = `${to}.${process.pid}`;
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, to).catch(async (error) => {
    await rm(partial, { recursive: true });
    if (!existsSync(to)) throw error;
  });
}

/** Returns the runner for machines without a usable setpriv: programs and data are copied to a folder that `nobody` can reach. */
async function relocated(home: string, programs: string): Promise<Runner> {
  const folder = await reachableFolder(programs);
  const copy = path.join(folder, 'programs');
  await copyOnce(programs, copy);
  const data = path.join(folder, `data-${shortHash(home)}`);
  await mkdir(data, { recursive: true });
  await chown(data, NOBODY_ID, NOBODY_ID);
  return {
    userId: NOBODY_ID,
    home: data,
    programs: copy,
    launch: (command, args) => ({ command, args, uid: NOBODY_ID, gid: NOBODY_ID }),
  };
}

/**
 * Returns the runner for the programs in the folder `programs`, with data in `home`. Tries a way of running them by asking
 * `probe`, one of the programs, for its version.
 */
export async function findRunner(home: string, programs: string, probe: string): Promise<Runner> {
  if (process.getuid?.() !== 0) {
    return { userId: null, home, programs, launch: (command, args) => ({ command, args }) };
  }
  const { command, args } = withSetpriv(path.join(programs, probe), ['--version']);
  const works = await run(command, args).then(
    () => true,
    () => false,
  );
  return works ? { userId: NOBODY_ID, home, programs, launch: withSetpriv } : relocated(home, programs);
}
