import { defineConfig } from 'vitest/config';
import { Sequencer } from './test/support/sequencer.ts';

/**
 * `groupOrder` runs the projects of one run one after the other, the quick ones first: several at once would fight over two cores.
 * Files that share a stack take turns, except those that wait; those that have a database or a stack of their own run two at a time.
 * `npm test` makes several runs of them (dev/test.ts).
 */

/** The time for which a condition is polled for where no other bound is part of what is tested: a busy machine may be late. */
const patient = { poll: { timeout: 10_000 } };

/** Before any other global setup, so that it covers what those start. */
const endWithRun = 'test/support/end-with-run.ts';

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    sequence: { sequencer: Sequencer },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Pure code has nothing to isolate, and most of the time would go into importing the same modules for each file.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      './test/workers/vitest.config.ts',
      './test/workers/vitest.wallets.config.ts',
      './test/workers/vitest.http.config.ts',
      {
        test: {
          name: 'rls',
          include: ['test/rls/**/*.test.ts'],
          globalSetup: [endWithRun, 'test/rls/global-setup.ts'],
          // Each file has a database of its own; importing the same queries for each file would take longer than its tests.
          isolate: false,
          expect: patient,
          testTimeout: 30_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: [endWithRun, 'test/support/stack-global-setup.ts'],
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          // What runs side by side within a file mostly waits.
          maxConcurrency: 16,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          // Over HTTP like e2e, with providers that are slow, silent or failing: it waits more than it works.
          name: 'waiting',
          include: ['test/waiting/**/*.test.ts'],
          globalSetup: [endWithRun, 'test/support/stack-global-setup.ts'],
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          maxWorkers: 4,
          maxConcurrency: 16,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: [endWithRun, 'test/support/stack-global-setup.ts'],
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: 'stack',
          include: ['test/stack/**/*.test.ts'],
          globalSetup: [endWithRun],
          expect: patient,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
          sequence: { groupOrder: 6 },
        },
      },
      {
        test: {
          name: 'chaos-short',
          include: ['test/chaos/*.test.ts'],
          globalSetup: [endWithRun],
          expect: patient,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
          sequence: { groupOrder: 7 },
        },
      },
      {
        test: {
          name: 'chaos-long',
          include: ['test/chaos/long/**/*.test.ts'],
          globalSetup: [endWithRun],
          expect: patient,
          testTimeout: 3_600_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 8 },
        },
      },
    ],
  },
});
