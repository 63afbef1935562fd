import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Client } from './catalog.ts';

const run = promisify(execFile);
const OUTPUT_MAX = { maxBuffer: 64 * 1024 ** 2 };

/** A client that can be run: its command, and variables of its environment. */
export type Installed = { command: string; args: string[]; variables: Record<string, string> };

const install = {
  async node(folder: string, { packages }: Client) {
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder, ...OUTPUT_MAX });
  },
  async python(folder: string, { packages }: Client) {
    await run('python3', ['-m', 'venv', path.join(folder, 'venv')]);
    await run(path.join(folder, 'venv/bin/pip'), ['install', '--quiet', ...packages], OUTPUT_MAX);
  },
  async go(folder: string, { program, packages }: Client) {
    await cp(path.join(import.meta.dirname, 'go', program), folder, { recursive: true });
    await run('go', ['mod', 'init', 'client'], { cwd: folder });
    await run('go', ['get', ...packages], { cwd: folder, ...OUTPUT_MAX });
    await run('go', ['build', '-o', 'client', '.'], { cwd: folder, ...OUTPUT_MAX });
  },
};

/** Returns the command that runs the installed client. Node finds packages beside the program, so programs are copied there. */
async function commandOf(folder: string, { language, program }: Client): Promise<Installed> {
  const programs = path.join(import.meta.dirname, language);
  switch (language) {
    case 'node':
      await cp(programs, folder, { recursive: true });
      return {
        command: process.execPath,
        args: [path.join(folder, program)],
        variables: { CLIENT_BIN: path.join(folder, 'node_modules/.bin') },
      };
    case 'python':
      return {
        command: path.join(folder, 'venv/bin/python'),
        args: [path.join(programs, program)],
        variables: { PYTHONDONTWRITEBYTECODE: '1' },
      };
    case 'go':
      return { command: path.join(folder, 'client'), args: [], variables: {} };
  }
}

/** Installs a client into a folder of its own below `folder`, unless its packages are there already. Throws when it cannot be. */
export async function installClient(folder: string, client: Client): Promise<Installed> {
  const own = path.join(folder, client.program.replace(/\W/g, '-'));
  const mark = path.join(own, 'installed.json');
  const wanted = JSON.stringify(client.packages);
  if (!existsSync(mark) || (await readFile(mark, 'utf8')) !== wanted || client.language === 'go') {
    await rm(own, { recursive: true, force: true });
    await mkdir(own, { recursive: true });
    await install[client.language](own, client);
    await writeFile(mark, wanted);
  }
  return commandOf(own, client);
}
