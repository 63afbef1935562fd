import { expect, it } from 'vitest';
import { attemptTimeoutMs } from '../../../worker/executions/patience.ts';

it.each([
  [1, 30_000],
  [1_000, 30_000],
  [4_000, 120_000],
  [10_000, 300_000],
  [200_000, 600_000],
])('an attempt that may say %i tokens may take %i ms', (max_output_tokens, timeout_ms) => {
  expect(attemptTimeoutMs(max_output_tokens)).toBe(timeout_ms);
});
