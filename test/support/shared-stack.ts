import type { TestProject } from 'vitest/node';
import { startTestStack, type TestStack } from './stack.ts';

/** What tests need of the stack they share; functions cannot be handed to another process. */
export type SharedStack = Pick<
  TestStack,
  'port' | 'gatewayOrigin' | 'simulatorOrigin' | 'ownerUrl' | 'jwtSecret'
>;

declare module 'vitest' {
  export interface ProvidedContext {
    stack: SharedStack;
  }
}

/** One stack for all tests of a project: each test makes the users it needs, so that none meets another's leftovers. */
export async function shareStack(project: TestProject): Promise<TestStack> {
  const stack = await startTestStack();
  const { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret } = stack;
  project.provide('stack', { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret });
  return stack;
}
