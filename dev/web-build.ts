import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { StackFailure } from './supervisor.ts';

const run = promisify(execFile);

/** The sources of the built pages. */
const sources = ['web', 'contracts', 'vite.config.ts', 'dev/web-budget.ts', 'package-lock.json'];
const STAMP = '.built-from';

async function listFiles(root: string): Promise<string[]> {
  const files = await Promise.all(
    sources.map(async (source) => {
      const full = path.join(root, source);
      const entries = await readdir(full, { recursive: true, withFileTypes: true }).catch(() => null);
      if (entries === null) return [full];
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name));
    }),
  );
  return files.flat().sort();
}

async function hashSources(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await listFiles(root)) {
    hash
      .update(path.relative(root, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * Builds the web app into dist/web, unless the build there is up to date. Builds in another folder and swaps, so that a running
 * stack never serves a partial build. Returns true if it built.
 */
export async function buildWeb(root: string, signal: AbortSignal): Promise<boolean> {
  const target = path.join(root, 'dist/web');
  const hash = await hashSources(root);
  const stamp = await readFile(path.join(target, STAMP), 'utf8').catch(() => null);
  if (stamp === hash && existsSync(path.join(target, 'index.html'))) return false;

  const fresh = path.join(root, `dist/web.${process.pid}`);
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'];
  const env = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' };
  try {
    await run(process.execPath, args, { cwd: root, signal, env }).catch(({ stdout, stderr }) => {
      throw new StackFailure(`The web app does not build:\n${stdout}${stderr}`);
    });
    await writeFile(path.join(fresh, STAMP), hash);
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return true;
}
