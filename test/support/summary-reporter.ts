import { writeFileSync, writeSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Numbers of passed and failed tests and the names of those that failed, as written to the file that {@link SUMMARY_FILE} names. */
export type TestSummary = { passed: number; failed: number; failures: string[] };

/** Environment variable with the path of the summary file. Without it the numbers are only printed. */
export const SUMMARY_FILE = 'TEST_SUMMARY_FILE';

/** Prints `N passed, N failed` as the last line of a run, for programs to read. Does not change the exit code. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
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
    const summary: TestSummary = { passed, failed: failures.length, failures };
    const file = process.env[SUMMARY_FILE];
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
    else
      process.once('exit', () =>
        writeSync(process.stdout.fd, `${passed} passed, ${failures.length} failed\n`),
      );
  }
}
