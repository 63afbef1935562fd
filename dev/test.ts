import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SUMMARY_FILE, type TestSummary } from '../test/support/summary-reporter.ts';
import { endMarked, endWithUs } from './end-with-us.ts';
import { buildWeb } from './web-build.ts';

/**
 * `npm test`: every test but the long ones, in steps. What keeps the cores busy, or measures how hundreds of calls meet, runs in a
 * step of its own. Tests over HTTP and in a browser run in two halves, each with its own stack. All of it runs, whatever fails. A
 * signal ends the run and everything it started.
 */

const HELP = `Runs the tests. With parts of file names, the files they match: npm test -- governance

  npm test -- [options] [part of a file name ...]

  --quick   for the inner loop: pure rules, wallets inside workerd, row security. Leaves out the rest of the Worker inside
            workerd, and what needs the running stack: tests over HTTP, in a browser, and of crashes
  --help    show this`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** A run of some projects (vitest.config.ts), or of a share of their files such as `1/2`. */
type Run = { projects: string[]; shard?: string };

/** The runs of each step; those of one step at once. */
const withoutStack: Run[][] = [[{ projects: ['workers', 'wallets', 'http'] }, { projects: ['unit', 'rls'] }]];
const halvesOf = (name: string): Run[] => ['1/2', '2/2'].map((shard) => ({ projects: [name], shard }));
const allSteps: Run[][] = [
  ...withoutStack,
  halvesOf('e2e'),
  halvesOf('browser'),
  [{ projects: ['stack'] }],
  [{ projects: ['waiting'] }],
  [{ projects: ['chaos-short'] }],
];
/** The same runs with all files of their projects: a few named files cannot be shared out. */
const undivided = (steps: Run[][]): Run[][] =>
  steps.map((step) =>
    step
      .filter(({ shard }) => shard === undefined || shard.startsWith('1/'))
      .map(({ projects }) => ({ projects })),
  );
/** The files of those without a stack that `--quick` runs. */
const quickFiles = ['test/unit', 'test/workers/wallet', 'test/rls'];

const children = new Set<ChildProcess>();
/** Aborted when the run is to end; its reason is the signal that said so. */
const interruption = new AbortController();

function obeySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interruption.abort(signal);
      for (const child of children) child.kill('SIGTERM');
    });
  }
}

/** Time after which a run is taken to hang: several times what the longest takes. */
const RUN_LIMIT_MS = 15 * 60_000;

const NOTHING: TestSummary = { passed: 0, failed: 0, failures: [], unfinished: [] };

/** Adds a failure to the summary of a run that broke down, hung, or failed without a test that did. */
function withRunFailure(summary: TestSummary, projects: string[], how: string): TestSummary {
  const at = summary.unfinished.length === 0 ? '' : `, in ${summary.unfinished.join(', ')}`;
  const failures = [...summary.failures, `the run of ${projects.join(', ')} ${how}${at}`];
  return { ...summary, failed: failures.length, failures };
}

/** Runs some projects. The first of a step prints as it goes, the others when they are over. */
async function run(
  { projects, shard }: Run,
  files: string[],
  isFirst: boolean,
  folder: string,
): Promise<TestSummary> {
  const summaryFile = path.join(folder, `${[...projects, shard?.replace('/', '-of-')].join('-')}.json`);
  const flags = projects.flatMap((name) => ['--project', name]);
  if (shard !== undefined) flags.push('--shard', shard);
  const child = spawn('vitest', ['run', '--passWithNoTests', ...flags, ...files], {
    cwd: root,
    env: { ...process.env, [SUMMARY_FILE]: summaryFile },
    stdio: ['ignore', isFirst ? 'inherit' : 'pipe', isFirst ? 'inherit' : 'pipe'],
  });
  children.add(child);
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => void printed.push(chunk));
  let hangs = false;
  const limit = setTimeout(() => {
    hangs = true;
    child.kill('SIGKILL');
  }, RUN_LIMIT_MS);
  const [exitCode] = await once(child, 'close');
  clearTimeout(limit);
  children.delete(child);
  process.stdout.write(Buffer.concat(printed));
  const written = await readFile(summaryFile, 'utf8').catch(() => null);
  const summary: TestSummary = written === null ? NOTHING : JSON.parse(written);
  if (hangs) return withRunFailure(summary, projects, `did not end within ${RUN_LIMIT_MS / 60_000} minutes`);
  if (summary.failed > 0 || exitCode === 0) return summary;
  return withRunFailure(summary, projects, `ended with ${exitCode}`);
}

async function runSteps(steps: Run[][], files: string[]): Promise<TestSummary> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vanilla-test-summaries-'));
  const total = structuredClone(NOTHING);
  for (const step of steps) {
    if (interruption.signal.aborted) break;
    const runs = step.map((one, at) => run(one, files, at === 0, folder));
    for (const { passed, failed, failures } of await Promise.all(runs)) {
      total.passed += passed;
      total.failed += failed;
      total.failures.push(...failures);
    }
  }
  await rm(folder, { recursive: true, force: true });
  return total;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const mark = endWithUs();
  obeySignals();
  const startedMs = performance.now();
  // Once, before several stacks want it at the same time. If it does not build, each of them says so.
  if (!values.quick) await buildWeb(root, interruption.signal).catch(() => undefined);
  const { passed, failed, failures } = values.quick
    ? await runSteps(withoutStack, positionals.length > 0 ? positionals : quickFiles)
    : await runSteps(positionals.length > 0 ? undivided(allSteps) : allSteps, positionals);
  if (interruption.signal.aborted) {
    await endMarked(mark);
    return 128 + os.constants.signals[interruption.signal.reason as NodeJS.Signals];
  }
  if (passed + failed === 0) console.error(`No test file has ${positionals.join(' or ')} in its name.`);
  for (const failure of failures) console.error(`Failed: ${failure}`);
  console.log(`All of it took ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

process.exit(await main());
