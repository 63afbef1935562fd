import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.ts';
import { mutations, unplacedMutations } from './mutations.ts';

/**
 * `npm run test:mutation`: applies each mutation to a copy of the code and runs the tests that must fail for it. A mutation that no
 * test notices shows a missing test. Takes some minutes.
 */

/** Limit of a run's output. A run with more output would count as failed. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

const root = fileURLToPath(new URL('../..', import.meta.url));

function copyTree(): string {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'mutation-'));
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of tracked.split('\0').filter((name) => name !== '')) {
    cpSync(path.join(root, file), path.join(copy, file));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** A run that takes longer hangs, because of its mutation: it has failed. */
const RUN_MAX_MS = 300_000;

/** The projects inside workerd stand for each other: a mutation names the first. */
const projectsOf = (project: string): string[] =>
  project === 'workers' ? ['workers', 'wallets', 'http'] : [project];

/** Runs the tests of a mutation. Returns null if they pass, otherwise their output. */
function failureOf(copy: string, { project, tests }: Pick<Mutation, 'project' | 'tests'>): string | null {
  const projects = projectsOf(project).flatMap((name) => ['--project', name]);
  const args = ['run', ...projects, '--bail', '1', ...tests.split(' ')];
  const { status, stdout, stderr } = spawnSync('vitest', args, {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: RUN_MAX_MS,
    killSignal: 'SIGKILL',
  });
  return status === 0 ? null : `${stdout}${stderr}`;
}

/** Checks that the tests pass without a mutation. If they failed anyway, every mutation would count as caught. */
function assertSound(copy: string, applied: Mutation[]): void {
  for (const [tests, guarded] of Map.groupBy(applied, (mutation) => mutation.tests)) {
    const failure = guarded[0] === undefined ? null : failureOf(copy, guarded[0]);
    if (failure !== null) throw new Error(`${tests} fails without a mutation:\n${failure}`);
    console.log(`sound   ${tests}`);
  }
}

/** Returns true if the tests fail with the mutation applied. */
function isCaught(copy: string, mutation: Mutation): boolean {
  const { file, find, replace } = mutation;
  const target = path.join(copy, file);
  const sound = readFileSync(target, 'utf8');
  writeFileSync(
    target,
    sound.replace(find, () => replace),
  );
  try {
    return failureOf(copy, mutation) !== null;
  } finally {
    writeFileSync(target, sound);
  }
}

const only = process.argv[2];
const chosen = mutations.filter(
  ({ file, what }) => only === undefined || file.includes(only) || what.includes(only),
);
const unplaced = unplacedMutations(root);
if (unplaced.length > 0) throw new Error(unplaced.join('\n'));
const copy = copyTree();
try {
  assertSound(copy, chosen);
  const missed = chosen.filter((mutation) => {
    const caught = isCaught(copy, mutation);
    console.log(`${caught ? 'caught' : 'MISSED'}  ${mutation.what} (${mutation.file})`);
    return !caught;
  });
  console.log(`${chosen.length - missed.length} passed, ${missed.length} failed`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
