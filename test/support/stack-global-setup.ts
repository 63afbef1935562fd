import type { TestProject } from 'vitest/node';
import { shareStack } from './shared-stack.ts';

/** Starts the stack that the tests of a project share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await shareStack(project);
  return async () => {
    await stack.stop();
  };
}
