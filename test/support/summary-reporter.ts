import { writeFileSync, writeSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** How many tests passed and failed, as the file says that {@link SUMMARY_FILE} names. */
export type TestSummary = { passed: number; failed: number };

/** Names the file that a run's numbers are written to; without it they are only printed. */
export const SUMMARY_FILE = 'TEST_SUMMARY_FILE';

/** Ends a run with one line for machines, `N passed, N failed`, after whatever else is printed. The exit code is not touched. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    // What fails outside any test, an import or a hook, fails the run as much as a test does.
    let failed = unhandledErrors.length;
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failedTests += 1;
      }
      failed += failedTests === 0 && !module.ok() ? 1 : failedTests;
    }
    const summary: TestSummary = { passed, failed };
    const file = process.env[SUMMARY_FILE];
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
    else process.once('exit', () => writeSync(process.stdout.fd, `${passed} passed, ${failed} failed\n`));
  }
}
