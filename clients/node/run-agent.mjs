import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Longer than a session of two turns takes. */
const LIMIT_MS = 150_000;

/**
 * Runs a command-line agent in a folder of its own, which is its home. `variables` fills it and returns the agent's environment. Returns what
 * it printed; throws with that if it failed or did not end in time.
 */
export async function runAgent(command, args, variables) {
  const home = await mkdtemp(path.join(os.tmpdir(), 'vanilla-agent-'));
  try {
    const own = await variables(home);
    return await new Promise((resolve, reject) => {
      const child = spawn(path.join(process.env.CLIENT_BIN, command), args, {
        cwd: home,
        env: { ...process.env, HOME: home, ...own },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: LIMIT_MS,
      });
      let printed = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => {
          printed += text;
        });
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0 ? resolve(printed) : reject(new Error(`It ended with ${code}:\n${printed.slice(-3_000)}`)),
      );
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Throws unless the session ran a tool and ended with the answer to its result. */
export function expectToolSession(printed) {
  if (!printed.includes('The tool answered'))
    throw new Error(`No answer after a tool:\n${printed.slice(-3_000)}`);
}
