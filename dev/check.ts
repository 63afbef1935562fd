import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** `npm run check`: everything that can be said about the code without running it. All of it is said, whatever fails. */

const root = fileURLToPath(new URL('..', import.meta.url));

const checks: [name: string, command: string, ...args: string[]][] = [
  ['Format and lint', 'biome', 'check', '--error-on-warnings'],
  ['Types of the Worker', 'tsc', '-p', 'tsconfig.json'],
  ['Types of the workshop', 'tsc', '-p', 'tsconfig.node.json'],
  ['Types of the web app', 'tsc', '-p', 'tsconfig.web.json'],
  [
    'Import rules',
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    'contracts',
    'durable-objects',
    'worker',
    'web',
    'dev',
    'test',
  ],
  ['Unused code', 'knip'],
];

const env = { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };

const failed = checks.filter(([name, command, ...args]) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
  const passed = status === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name}`);
  if (!passed) console.log(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  return !passed;
});

console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
