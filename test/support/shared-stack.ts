import type { TestProject } from 'vitest/node';
import { startTestStack, type TestStack } from './stack.ts';

/** The parts of the shared stack that tests need. It crosses processes, so it has no functions. */
export type SharedStack = Pick<
  TestStack,
  'port' | 'gatewayOrigin' | 'simulatorOrigin' | 'ownerUrl' | 'jwtSecret'
>;

declare module 'vitest' {
  export interface ProvidedContext {
    stack: SharedStack;
  }
}

/** Starts one stack for all tests of a project. Each test makes its own users, so that it affects no other test. */
export async function shareStack(project: TestProject): Promise<TestStack> {
  const stack = await startTestStack();
  const { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret } = stack;
  project.provide('stack', { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret });
  return stack;
}
