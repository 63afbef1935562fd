import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SUMMARY_FILE, type TestSummary } from '../test/support/summary-reporter.ts';
import { buildWeb } from './web-build.ts';

/**
 * `npm test`: every test but the long ones. What keeps the cores busy runs alone; the tests over HTTP and those in a browser mostly
 * wait, each for a stack of their own, so they run side by side. All of it runs, whatever fails.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** The projects (vitest.config.ts) of each run; the runs of one step at once. */
const steps: string[][][] = [[['unit', 'workers', 'rls']], [['e2e'], ['browser']], [['chaos-short']]];

/** Runs some projects. The first of a step prints as it goes, the others when they are over. */
async function run(projects: string[], isFirst: boolean, folder: string): Promise<TestSummary> {
  const summaryFile = path.join(folder, `${projects.join('-')}.json`);
  const child = spawn('vitest', ['run', ...projects.flatMap((name) => ['--project', name])], {
    cwd: root,
    env: { ...process.env, [SUMMARY_FILE]: summaryFile },
    stdio: ['ignore', isFirst ? 'inherit' : 'pipe', isFirst ? 'inherit' : 'pipe'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => void printed.push(chunk));
  const [exitCode] = await once(child, 'close');
  process.stdout.write(Buffer.concat(printed));
  const written = await readFile(summaryFile, 'utf8').catch(() => null);
  const summary: TestSummary = written === null ? { passed: 0, failed: 0 } : JSON.parse(written);
  // A run that broke down, or failed without a test that did, has failed all the same.
  return { ...summary, failed: summary.failed === 0 && exitCode !== 0 ? 1 : summary.failed };
}

const startedMs = performance.now();
const folder = await mkdtemp(path.join(os.tmpdir(), 'vanilla-test-summaries-'));
const summaries: TestSummary[] = [];
// Once, before several stacks want it at the same time. If it does not build, each of them says so.
await buildWeb(root, new AbortController().signal).catch(() => undefined);
for (const step of steps)
  summaries.push(...(await Promise.all(step.map((projects, at) => run(projects, at === 0, folder)))));
await rm(folder, { recursive: true, force: true });
const passed = summaries.reduce((sum, summary) => sum + summary.passed, 0);
const failed = summaries.reduce((sum, summary) => sum + summary.failed, 0);
console.log(`All of it took ${Math.round((performance.now() - startedMs) / 1_000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
