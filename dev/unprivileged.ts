import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * Postgres refuses to run as root, yet a container's only user often is root. Then it runs as `nobody`, which exists
 * everywhere and owns nothing; no system user is made.
 */

const run = promisify(execFile);
const NOBODY_ID = 65_534;

export type Launch = { command: string; args: string[]; uid?: number; gid?: number };

/** How and where a program that refuses root is run. */
export type Runner = {
  /** The user its files must belong to; null when that is us. */
  userId: number | null;
  /** The folder its data may live in. */
  home: string;
  /** The program's own folder, where the user can reach it. */
  programs: string;
  launch(command: string, args: string[]): Launch;
};

/**
 * `nobody` keeps the one right to pass folders that are closed to others (a clone under /root, or made with `mktemp -d`).
 * `no_setuid_fixup` matters: without it access(2), which Postgres asks about its own binaries, would ignore that right.
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

/** A folder everybody can reach but only root can write, the same one every time for the same programs. */
async function reachableFolder(programs: string): Promise<string> {
  const folder = path.join('/var/tmp', `vanilla-saas-${shortHash(programs)}`);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  if ((await stat(folder)).uid !== 0) throw new Error(`${folder} belongs to somebody else`);
  return folder;
}

/** Copies aside and renames, so that whoever finds `to` finds all of it. */
async function copyOnce(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  const partial = `${to}.${process.pid}`;
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, to).catch(async (error) => {
    await rm(partial, { recursive: true });
    if (!existsSync(to)) throw error;
  });
}

/** Without a usable setpriv: plain `nobody`, with the program and its data copied to where `nobody` can reach them. */
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
 * Decides how to run the programs in the folder `programs`, with data in `home`. `probe`, one of them, is asked for its
 * version to learn whether a way works.
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
