import { writeFileSync, writeSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Numbers of passed and failed tests, the names of those that failed, and the files that began and have not ended. */
export type TestSummary = { passed: number; failed: number; failures: string[]; unfinished: string[] };

/** Environment variable with the path of the summary file. Without it the numbers are only printed. */
export const SUMMARY_FILE = 'TEST_SUMMARY_FILE';

/** Returns the summary of some files. */
function summaryOf(modules: Iterable<TestModule>, unhandledErrors: readonly SerializedError[]): TestSummary {
  let passed = 0;
  // A failure outside of a test, in an import or a hook, fails the run too.
  const failures = unhandledErrors.map(({ message }) => `outside of a test: ${message}`);
  for (const module of modules) {
    const failedBefore = failures.length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      if (state === 'failed') failures.push(`${module.relativeModuleId}: ${test.fullName}`);
    }
    if (failures.length === failedBefore && !module.ok())
      failures.push(`${module.relativeModuleId}: the file`);
  }
  return { passed, failed: failures.length, failures, unfinished: [] };
}

/**
 * Keeps the summary of a run in its file, after each test file, so that a run that never ends can be told too. Prints
 * `N passed, N failed` as the last line, for programs to read. Does not change the exit code.
 */
export default class SummaryReporter implements Reporter {
  readonly #begun = new Set<TestModule>();
  readonly #ended = new Set<TestModule>();

  onTestModuleStart(module: TestModule): void {
    this.#begun.add(module);
    this.#write();
  }

  onTestModuleEnd(module: TestModule): void {
    this.#ended.add(module);
    this.#write();
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const summary = summaryOf(modules, unhandledErrors);
    const { passed, failed } = summary;
    if (process.env[SUMMARY_FILE] !== undefined) this.#write(summary);
    else process.once('exit', () => writeSync(process.stdout.fd, `${passed} passed, ${failed} failed\n`));
  }

  #write(summary = this.#soFar()): void {
    const file = process.env[SUMMARY_FILE];
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
  }

  #soFar(): TestSummary {
    const unfinished = [...this.#begun].filter((module) => !this.#ended.has(module));
    return {
      ...summaryOf(this.#ended, []),
      unfinished: unfinished.map(({ relativeModuleId }) => relativeModuleId),
    };
  }
}
