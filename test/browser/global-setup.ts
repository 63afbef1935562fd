import type { TestProject } from 'vitest/node';
import { shareStack } from '../support/shared-stack.ts';

/** Starts the stack of the browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await shareStack(project);
  return async () => {
    await stack.stop();
  };
}
