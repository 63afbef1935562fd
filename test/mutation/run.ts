import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.ts';
import { mutations, unplacedMutations } from './mutations.ts';

/**
 * `npm run test:mutation`: makes one small fault after the other in a copy of the code and runs the tests that guard it. A
 * fault that no test notices is a hole in the suite. Takes some minutes.
 */

/** A run that says more than this would count as failed. */
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

/** Runs the tests that guard a fault; null when they pass, else what they said. */
function complaintOf(copy: string, { project, tests }: Pick<Mutation, 'project' | 'tests'>): string | null {
  const args = ['run', '--project', project, '--bail', '1', ...tests.split(' ')];
  const { status, stdout, stderr } = spawnSync('vitest', args, {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return status === 0 ? null : `${stdout}${stderr}`;
}

/** Without a fault the guards pass: else everything would count as caught. */
function assertSound(copy: string, bugs: Mutation[]): void {
  for (const [tests, guarded] of Map.groupBy(bugs, (bug) => bug.tests)) {
    const complaint = guarded[0] === undefined ? null : complaintOf(copy, guarded[0]);
    if (complaint !== null) throw new Error(`${tests} fails without any fault:\n${complaint}`);
    console.log(`sound   ${tests}`);
  }
}

/** Whether the guarding tests fail with the fault in place. */
function isCaught(copy: string, bug: Mutation): boolean {
  const { file, find, replace } = bug;
  const target = path.join(copy, file);
  const sound = readFileSync(target, 'utf8');
  writeFileSync(
    target,
    sound.replace(find, () => replace),
  );
  try {
    return complaintOf(copy, bug) !== null;
  } finally {
    writeFileSync(target, sound);
  }
}

const only = process.argv[2];
const chosen = mutations.filter(
  ({ file, what }) => only === undefined || file.includes(only) || what.includes(only),
);
const homeless = unplacedMutations(root);
if (homeless.length > 0) throw new Error(homeless.join('\n'));
const copy = copyTree();
try {
  assertSound(copy, chosen);
  const missed = chosen.filter((bug) => {
    const caught = isCaught(copy, bug);
    console.log(`${caught ? 'caught' : 'MISSED'}  ${bug.what} (${bug.file})`);
    return !caught;
  });
  console.log(`${chosen.length - missed.length} passed, ${missed.length} failed`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
